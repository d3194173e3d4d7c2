// Leaving a server out for a while although its checks pass, because its answers fail (backends/outlier): for how long,
// and how many of a backend's at a time. Pure; time is handed in.
#pragma once

#include <algorithm>
#include <cstdint>

#include "lb/base/clock.h"

namespace reseal::health {

/// How long one server's ejections last: each in close succession as much longer as the first one was, up to ten times
/// that; a server that has been well for as long as it was last left out begins anew.
class EjectionTimes {
 public:
  /// Begins one now; returns how long it lasts.
  Duration begin(TimePoint now, Duration first) {
    constexpr int kMost = 10;
    const bool relapse = count_ != 0 && now - ended_ < last_;
    count_ = relapse ? std::min(count_ + 1, kMost) : 1;
    last_ = first * count_;
    ended_ = now + last_;
    return last_;
  }

 private:
  int count_ = 0;
  Duration last_{};
  TimePoint ended_{};
};

/// Of `servers` (with a weight above 0) that many are `serving` (up, and not ejected) and that many ejected: whether one
/// more may be. At most `most_percent` of them are at a time, rounded down but at least one; at least one goes on
/// serving.
constexpr bool may_eject(int servers, int serving, int ejected, int most_percent) {
  constexpr int kPercent = 100;
  const int most = most_percent == 0 ? 0 : std::max(1, servers * most_percent / kPercent);
  return ejected < most && serving > 1;
}

}  // namespace reseal::health
