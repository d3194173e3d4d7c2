// So many lines a second and no more: for log lines that a peer can cause. Single thread.
#pragma once

#include <cstdint>

#include "lb/base/clock.h"

namespace reseal {

class LogBudget {
 public:
  explicit LogBudget(std::uint32_t lines_per_second) : most_(lines_per_second) {}

  /// Whether a line may be written now; counts it, or counts it as suppressed.
  bool allow(TimePoint now) {
    if (now - window_ >= std::chrono::seconds(1)) {
      window_ = now;
      used_ = 0;
    }
    if (used_ >= most_) {
      ++suppressed_;
      return false;
    }
    ++used_;
    return true;
  }
  /// Lines suppressed since the last call.
  std::uint64_t take_suppressed() {
    const std::uint64_t count = suppressed_;
    suppressed_ = 0;
    return count;
  }

 private:
  std::uint32_t most_;
  std::uint32_t used_ = 0;
  std::uint64_t suppressed_ = 0;
  TimePoint window_{};
};

}  // namespace reseal
