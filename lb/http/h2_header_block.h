// The fields of one HTTP/2 header block while they are decoded, as text. Bounded: a block that grows over the limit is
// remembered as too large and no longer kept, one that goes on far beyond it ends the connection.
//
// Owner: an HTTP/2 session (blocks are never interleaved, RFC 9113 4.3: one is enough). Single thread. Empty: no memory
// but the vector's.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "lb/base/arena.h"

namespace reseal::http {

/// A field as the peer sent it, pseudo fields among them. Nothing about it is checked.
struct RawField {
  std::string_view name;
  std::string_view value;
};

class HeaderBlock {
 public:
  /// `bytes`: the largest list that is kept, each field counted with kFieldOverhead more (RFC 9113 6.5.2), so that a
  /// great many tiny references into the dynamic table add up like anything else.
  HeaderBlock(BufferPool& pool, std::size_t bytes) : arena_(pool), most_bytes_(bytes) {}

  void clear();
  /// Copies the field. False: the block is beyond kFarOver times the limit, and decoding on would be work for nothing.
  [[nodiscard]] bool add(std::string_view name, std::string_view value);

  /// Over the limit; fields() is empty then.
  [[nodiscard]] bool is_too_large() const { return bytes_ > most_bytes_; }
  /// Valid until clear().
  [[nodiscard]] std::span<const RawField> fields() const { return fields_; }

  static constexpr std::size_t kFieldOverhead = 32;
  static constexpr std::size_t kFarOver = 4;

 private:
  Arena arena_;
  std::vector<RawField> fields_;
  const std::size_t most_bytes_;
  std::size_t bytes_ = 0;
};

}  // namespace reseal::http
