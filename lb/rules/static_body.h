// A body that reseal sends by itself, read or written once. Immutable; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace reseal::rules {

struct StaticBody {
  /// Bounds what a client that asks without reading can make pile up.
  static constexpr std::size_t kMostBytes = 64 * 1024;

  std::string content_type;
  std::string text;
  // Of a page that is a whole response.
  int status = 0;                                           ///< 0: the one it is sent for
  std::vector<std::pair<std::string, std::string>> fields;  ///< besides the type
  bool operator==(const StaticBody&) const = default;
};

}  // namespace reseal::rules
