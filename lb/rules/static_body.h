// A body that reseal sends by itself, read or written once. Immutable; any thread.
#pragma once

#include <string>

namespace reseal::rules {

struct StaticBody {
  /// Bounds what a client that asks without reading can make pile up.
  static constexpr std::size_t kMostBytes = 64 * 1024;

  std::string content_type;
  std::string text;
  bool operator==(const StaticBody&) const = default;
};

}  // namespace reseal::rules
