// A server that has just come up gets a small share first, growing to its full one: caches are cold and code is not
// compiled yet. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

#include "lb/base/clock.h"

namespace reseal::backends {

/// With slow start every weight is finer by this factor, so that the lightest server's can grow by steps too.
inline constexpr std::uint32_t kSlowStartSteps = 100;

/// The weight, times kSlowStartSteps, of a server that came up `since` ago: grows evenly from a tenth of it to all of it
/// over `slow_start`.
constexpr std::uint32_t slow_start_weight(std::uint32_t weight, Duration since, Duration slow_start) {
  constexpr std::int64_t kLeast = kSlowStartSteps / 10;
  if (since >= slow_start) return weight * kSlowStartSteps;
  const std::int64_t elapsed = std::max<std::int64_t>(since.count(), 0);
  const std::int64_t steps = kLeast + (kSlowStartSteps - kLeast) * elapsed / slow_start.count();
  return weight * static_cast<std::uint32_t>(steps);
}

}  // namespace reseal::backends
