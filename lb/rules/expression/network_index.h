// Blocks of addresses in order, so that thousands of them cost no more than a few. Like AffixIndex, by bits.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/expression/sample.h"

namespace reseal::rules::expression {

class NetworkIndex {
 public:
  /// "10.0.0.0/8", "10.0.0.0/255.0.0.0", "192.0.2.7", "2001:db8::/32". The error says in words what is wrong.
  std::expected<void, std::string> add(std::string_view text, std::uint32_t number);
  void seal();
  /// The smallest block that an address is in. An IPv6 address that carries an IPv4 one (::ffff:, ::, 2002:) is looked for
  /// among those blocks too, and an IPv4 one as ::ffff: among those of IPv6.
  [[nodiscard]] std::optional<std::uint32_t> find(const Sample& address) const;

 private:
  using Bytes = std::array<std::uint8_t, 16>;
  struct Block {
    Bytes bytes{};
    std::uint8_t bits = 0;
    std::uint32_t number = 0;
    std::int32_t parent = -1;
  };
  static bool contains(const Block& block, const Bytes& address);
  static void seal(std::vector<Block>& blocks);
  static std::optional<std::uint32_t> find(const std::vector<Block>& blocks, const Bytes& address);

  std::vector<Block> ipv4_;
  std::vector<Block> ipv6_;
};

}  // namespace reseal::rules::expression
