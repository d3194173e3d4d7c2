#include "lb/runtime/idle_meter.h"

#include <algorithm>

namespace reseal::runtime {

void IdleMeter::sample(int threads) {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  const auto used = std::chrono::duration_cast<Microseconds>(std::chrono::seconds(time.tv_sec) +
                                                             std::chrono::nanoseconds(time.tv_nsec));
  const TimePoint now = Clock::now();
  if (at_ != TimePoint() && now > at_ && threads > 0) {
    const auto passed = std::chrono::duration_cast<Microseconds>(now - at_).count();
    const auto busy = (used - used_).count() * 100 / (std::max<std::int64_t>(passed, 1) * threads);
    percent_ = 100 - static_cast<int>(std::clamp<std::int64_t>(busy, 0, 100));
  }
  at_ = now;
  used_ = used;
}

}  // namespace reseal::runtime
