// Blocks of addresses ("10.0.0.0/8", "2001:db8::/32", "192.0.2.7"): parsed once, matched per request.
// Immutable values.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "lb/net/address.h"

namespace reseal::net {

class CidrSet {
 public:
  /// Adds a block; the error says in words what is wrong with it.
  std::expected<void, std::string> add(std::string_view text);
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] bool empty() const { return blocks_.empty(); }

 private:
  struct Block {
    std::string bytes;  // 4 or 16
    unsigned bits;
  };
  std::vector<Block> blocks_;
};

}  // namespace reseal::net
