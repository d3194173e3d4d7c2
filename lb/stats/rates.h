// Queries per second from a total that is looked at about once a second: exact over the samples there are, at
// no cost on the data path. Owner: runtime/statistics. Single thread; time is handed in.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "lb/base/clock.h"

namespace reseal::stats {

class RateMeter {
 public:
  /// The total at `now`; times do not go backwards.
  void sample(TimePoint now, std::uint64_t total);

  /// Events a second over the last `window` (up to 60 s), or over what there is of it; 0 before the second
  /// sample.
  [[nodiscard]] double over(std::chrono::seconds window) const;

 private:
  struct Sample {
    TimePoint at;
    std::uint64_t total = 0;
  };
  static constexpr std::size_t kSamples = 61;  // 60 intervals of a second
  std::array<Sample, kSamples> samples_{};
  std::size_t newest_ = 0;
  std::size_t count_ = 0;
};

}  // namespace reseal::stats
