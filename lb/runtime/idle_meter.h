// How much of the last second the workers had nothing to do. Owner: the process; control thread.
#pragma once

#include <ctime>

#include "lb/base/clock.h"

namespace reseal::runtime {

class IdleMeter {
 public:
  /// About once a second. `threads` is how many could have worked.
  void sample(int threads);
  [[nodiscard]] int percent() const { return percent_; }

 private:
  Microseconds used_{0};
  TimePoint at_{};
  int percent_ = 100;
};

}  // namespace reseal::runtime
