// How many events there were in the last period, as HAProxy counts it: those of the period under way, and of the one before
// it the part that the sliding window still covers. A value; whoever holds it keeps others out.
#pragma once

#include <cstdint>

namespace reseal::rules::stick {

class Rate {
 public:
  /// `now` and `period` in milliseconds; time may wrap. Workers look at the clock at slightly different instants, so `now` may be
  /// a little before the last one.
  void add(std::uint32_t count, std::uint32_t now, std::uint32_t period) {
    const std::uint32_t age = since_begin(now);
    if (age < period) {
      current_ += count;
      return;
    }
    previous_ = current_;
    current_ = count;
    begin_ += period;
    if (age - period >= period) {  // nothing came for a whole period
      previous_ = 0;
      begin_ = now;
    }
  }

  [[nodiscard]] std::uint64_t per_period(std::uint32_t now, std::uint32_t period) const {
    std::uint32_t age = since_begin(now);
    std::uint64_t past = previous_;
    std::uint64_t current = current_;
    if (age > period) {
      age -= period;
      past = age <= period ? current : 0;
      current = 0;
    }
    // A single event is not made a fraction of one, which would be 0.
    if (current == 0 && past <= 1) return past;
    const std::uint64_t rest = age <= period ? period - age : 0;
    return (past * rest + current * period) / period;
  }

  /// Those of the period under way.
  [[nodiscard]] std::uint32_t current() const { return current_; }

 private:
  [[nodiscard]] std::uint32_t since_begin(std::uint32_t now) const {
    const std::uint32_t age = now - begin_;
    return age > 0xf0000000U ? 0 : age;
  }

  std::uint32_t begin_ = 0;
  std::uint32_t current_ = 0;
  std::uint32_t previous_ = 0;
};

}  // namespace reseal::rules::stick
