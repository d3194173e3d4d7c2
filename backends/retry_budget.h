// How many requests of a backend may be tried again: a share of what there was in the last ten seconds, and a few
// more, so that single requests can be repeated when there is little traffic. Without it an outage would multiply the
// load by the number of attempts, just when the servers can bear it least. Owner: LocalBackend; each worker keeps its
// own, by its own traffic. Single thread; time is handed in.
#pragma once

#include <cstdint>

#include "backends/recent_share.h"

namespace reseal::backends {

class RetryBudget {
 public:
  /// Beyond the share, in ten seconds: one a second.
  static constexpr std::uint64_t kFloor = 10;

  void count_request(TimePoint now) { requests_.count(now); }
  [[nodiscard]] bool has_room(std::uint32_t percent, TimePoint now) {
    constexpr std::uint64_t kPercent = 100;
    return requests_.marked(now) < requests_.all(now) * percent / kPercent + (percent != 0 ? kFloor : 0);
  }
  /// Takes one; false when the budget is used up.
  bool take(std::uint32_t percent, TimePoint now) {
    if (!has_room(percent, now)) return false;
    requests_.mark(now);
    return true;
  }

 private:
  RecentShare requests_;  // marked: the retries
};

}  // namespace reseal::backends
