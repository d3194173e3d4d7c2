// How many requests a server takes at a time where that goes by how many its backend has (HAProxy's minconn, maxconn and fullconn):
// few while there are few, so that they stay together, and all that it can take when there are many. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "lb/base/clock.h"

namespace reseal::backends {

struct LoadLimit {
  std::uint32_t least = 0;      ///< while there are few
  std::uint32_t most = 0;       ///< from `full_load` requests on
  std::uint32_t full_load = 0;  ///< of the backend; 0: `most` always
};

/// With so many requests at the backend.
constexpr std::uint32_t limit_at(const LoadLimit& limit, std::uint32_t load) {
  if (load >= limit.full_load) return limit.most;
  const std::uint64_t share = std::uint64_t{load} * limit.most / limit.full_load;
  return std::max(limit.least, static_cast<std::uint32_t>(share));
}

/// Of that what one takes that came up `since` ago: in whole seconds, as HAProxy counts them, and 1 at least.
constexpr std::uint32_t limit_while_starting(std::uint32_t limit, Duration since, Duration slow_start) {
  constexpr std::int64_t kWhole = 100;
  const auto seconds = [](Duration time) { return time.count() / 1000; };
  if (seconds(slow_start) == 0 || since.count() < 0 || seconds(since) >= seconds(slow_start)) return limit;
  const std::int64_t ratio = kWhole * seconds(since) / seconds(slow_start);
  return static_cast<std::uint32_t>(std::max<std::int64_t>(1, limit * ratio / kWhole));
}

}  // namespace reseal::backends
