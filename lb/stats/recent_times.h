// How long the last requests took at their stations: the mean over the last 1,024 of them and the longest of all, kept by
// one writer in a few stores a request. Any number of readers.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "lb/base/clock.h"

namespace reseal::stats {

/// In a queue, for a connection, for the response's head, in all.
struct RequestSpans {
  Microseconds queue{0}, connect{0}, response{0}, total{0};
};

/// Of all workers: sums over their last requests, how many those are, and the longest.
struct RecentTotals {
  std::array<std::uint64_t, 4> sums{}, longest{};
  std::uint64_t count = 0;

  /// Of one station, in the order of RequestSpans; whole milliseconds.
  [[nodiscard]] std::uint64_t mean_milliseconds(std::size_t station) const {
    return count == 0 ? 0 : (sums[station] / count + 500) / 1000;
  }
  [[nodiscard]] std::uint64_t longest_milliseconds(std::size_t station) const {
    return (longest[station] + 500) / 1000;
  }
};

class RecentTimes {
 public:
  static constexpr std::uint64_t kWindow = 1024;

  void record(const RequestSpans& spans) {
    const std::uint64_t count = get(count_);
    const std::array<Microseconds, 4> values{spans.queue, spans.connect, spans.response, spans.total};
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(0, values[i].count()));
      const std::uint64_t sum = get(sums_[i]);
      // One of the window's size goes out as the new one comes in.
      set(sums_[i], (count < kWindow ? sum : sum - sum / kWindow) + value);
      if (value > get(longest_[i])) set(longest_[i], value);
    }
    if (count < kWindow) set(count_, count + 1);
  }
  void add_to(RecentTotals& totals) const {
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      totals.sums[i] += get(sums_[i]);
      totals.longest[i] = std::max(totals.longest[i], get(longest_[i]));
    }
    totals.count += get(count_);
  }
  /// A reader's: what is being recorded in the same instant may survive.
  void forget_longest() {
    for (auto& longest : longest_) set(longest, 0);
  }

 private:
  using Cell = std::atomic<std::uint64_t>;
  static std::uint64_t get(const Cell& cell) { return cell.load(std::memory_order_relaxed); }
  static void set(Cell& cell, std::uint64_t value) { cell.store(value, std::memory_order_relaxed); }

  std::array<Cell, 4> sums_{}, longest_{};
  Cell count_{0};
};

}  // namespace reseal::stats
