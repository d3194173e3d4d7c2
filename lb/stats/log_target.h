// One place that lines go to, and what stands around each on its way. Shared by workers and the control thread;
// thread-safe.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "lb/stats/access_channel.h"
#include "lb/stats/log_header.h"

namespace reseal::stats {

/// Some of each `size` lines, by their numbers from 1 (HAProxy's `sample`).
class LogSample {
 public:
  using Ranges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;
  LogSample(Ranges ranges, std::uint32_t size) : ranges_(std::move(ranges)), size_(size) {}

  /// Whether the next line is one of them.
  bool takes_next() {
    const auto number =
        static_cast<std::uint32_t>(lines_.fetch_add(1, std::memory_order_relaxed) % size_ + 1);
    return std::ranges::any_of(
        ranges_, [&](const auto& range) { return range.first <= number && number <= range.second; });
  }

 private:
  const Ranges ranges_;
  const std::uint32_t size_;
  std::atomic<std::uint64_t> lines_{0};
};

struct LogTarget {
  std::shared_ptr<AccessChannel> channel;
  LogHeader header;
  LogLevel least_severe = LogLevel::kDebug;     ///< lines below it do not go there
  LogLevel most_severe = LogLevel::kEmergency;  ///< lines above it are told as this
  std::size_t most_bytes = 16383;       ///< of a line, the header included and its end not; more is cut
  bool marks_cuts = false;              ///< by "..." at the end
  std::shared_ptr<LogSample> sample{};  ///< null: every line

  /// Whether a line of that level goes there; one that is counted counts in the sample.
  [[nodiscard]] bool takes(LogLevel level) const {
    return level <= least_severe && (sample == nullptr || sample->takes_next());
  }
  void write_header(LogLevel level, WallTime now, std::string_view structured_data, LogLine& line) const {
    header.write(std::max(level, most_severe), now, structured_data, line);
  }
  /// Cuts what is too long.
  void finish(LogLine& line) const {
    constexpr std::string_view kCutMark = "...";
    if (line.size() <= most_bytes) return;
    line.cut(most_bytes - (marks_cuts ? kCutMark.size() : 0));
    if (marks_cuts) line.raw(kCutMark);
  }
};

}  // namespace reseal::stats
