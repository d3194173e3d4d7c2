// As much of a request's body as rules may look at: what was waited for (`option http-buffer-request`, `wait-for-body`).
// Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace reseal::rules::expression {

struct RequestBody {
  static constexpr std::size_t kMost = 16384;  ///< more is not waited for

  std::string_view bytes;
  std::uint64_t declared = 0;  ///< by Content-Length
  bool is_complete = true;
  bool is_raw = false;    ///< the bytes of mode tcp
  bool may_grow = false;  ///< with is_raw: rules may wait for more of it

  /// Nothing more is to be waited for; `at_least`: as many bytes are enough. 0: all of it.
  [[nodiscard]] bool is_enough(std::uint64_t at_least) const {
    return is_complete || bytes.size() >= kMost || (at_least != 0 && bytes.size() >= at_least);
  }
};

}  // namespace reseal::rules::expression
