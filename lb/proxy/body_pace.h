// How fast a request's body has come, by the time in which its client was waited for: what the server held up does not
// count. A member of the exchange. Single thread; time is handed in.
#pragma once

#include <cstdint>

#include "lb/base/clock.h"

namespace reseal::proxy {

class BodyPace {
 public:
  void begin() { *this = BodyPace(); }
  /// The client is waited for from now on: for the first piece, or the next one.
  void wait(TimePoint now) {
    pause(now);
    since_ = now;
  }
  /// It is not, until wait().
  void pause(TimePoint now) {
    waited_ += silence(now);
    since_ = TimePoint();
  }
  /// How long it has been waited for since wait().
  [[nodiscard]] Duration silence(TimePoint now) const {
    return since_ == TimePoint() ? Duration(0) : std::chrono::duration_cast<Duration>(now - since_);
  }
  /// `bytes` have come, and took longer than `grace` and a second for each `rate` of them. A rate of 0 takes any time.
  [[nodiscard]] bool is_slow(std::uint64_t bytes, std::uint32_t rate, Duration grace, TimePoint now) const {
    constexpr std::uint64_t kSecond = 1000;
    const Duration over = waited_ + silence(now) - grace;
    return rate != 0 && over.count() > 0 &&
           static_cast<std::uint64_t>(over.count()) > bytes / rate * kSecond + bytes % rate * kSecond / rate;
  }

 private:
  Duration waited_{0};
  TimePoint since_{};
};

}  // namespace reseal::proxy
