#include "lb/stats/rates.h"

namespace reseal::stats {

void RateMeter::sample(TimePoint now, std::uint64_t total) {
  newest_ = (newest_ + 1) % kSamples;
  samples_[newest_] = {now, total};
  if (count_ < kSamples) ++count_;
}

double RateMeter::over(std::chrono::seconds window) const {
  if (count_ < 2) return 0;
  const Sample& last = samples_[newest_];
  // The oldest sample within the window; half a second of grace, since the clock that samples is not exact.
  const TimePoint begin = last.at - window - std::chrono::milliseconds(500);
  const Sample* first = nullptr;
  for (std::size_t age = 1; age < count_; ++age) {
    const Sample& sample = samples_[(newest_ + kSamples - age) % kSamples];
    if (first != nullptr && sample.at < begin) break;
    first = &sample;
  }
  const double seconds = std::chrono::duration<double>(last.at - first->at).count();
  return seconds > 0 ? static_cast<double>(last.total - first->total) / seconds : 0;
}

}  // namespace reseal::stats
