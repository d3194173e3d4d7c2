// Events of the last ten seconds, and how many of them were marked: what a retry budget and an error rate are made of.
// Counting is an addition and a comparison; seconds that are over are dropped when the next event comes. Single thread;
// time is handed in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "lb/base/clock.h"

namespace reseal::backends {

class RecentShare {
 public:
  void count(TimePoint now) {
    advance(now);
    ++seconds_[newest_].all;
    ++all_;
  }
  /// One of those counted is of the kind that is asked for.
  void mark(TimePoint now) {
    advance(now);
    ++seconds_[newest_].marked;
    ++marked_;
  }
  [[nodiscard]] std::uint64_t all(TimePoint now) {
    advance(now);
    return all_;
  }
  [[nodiscard]] std::uint64_t marked(TimePoint now) {
    advance(now);
    return marked_;
  }
  void clear() { *this = RecentShare(); }

 private:
  static constexpr std::size_t kSeconds = 10;
  struct Second {
    std::uint32_t all = 0;
    std::uint32_t marked = 0;
  };
  void advance(TimePoint now) {
    if (now < next_) return;
    drop_old(now);
  }
  void drop_old(TimePoint now);

  std::array<Second, kSeconds> seconds_{};
  std::size_t newest_ = 0;
  std::uint64_t all_ = 0;
  std::uint64_t marked_ = 0;
  TimePoint next_{};  // when the newest second is over
};

}  // namespace reseal::backends
