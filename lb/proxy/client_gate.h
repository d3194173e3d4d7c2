// How many clients a frontend takes, at a time and in a second, all workers together. What one generation says of it; the count
// of the second is shared memory (docs/decisions/0009). Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

#include "lb/base/clock.h"

namespace reseal::proxy {

class ClientGate {
 public:
  /// 0: no limit.
  ClientGate(std::uint32_t most, std::uint32_t most_a_second) : most_(most), most_a_second_(most_a_second) {}

  [[nodiscard]] bool is_limited() const { return most_ != 0 || most_a_second_ != 0; }
  /// One was accepted.
  void note(TimePoint now) {
    if (most_a_second_ == 0) return;
    const std::uint64_t second = second_of(now);
    std::uint64_t known = counted_.load(std::memory_order_relaxed);
    while (!counted_.compare_exchange_weak(known, of_second(known, second) + 1, std::memory_order_relaxed)) {
    }
  }
  /// Another one may be, where `open` are there now. Workers that accept in the same instant may go over by one each.
  [[nodiscard]] bool has_room(std::int64_t open, TimePoint now) const {
    if (most_ != 0 && open >= most_) return false;
    if (most_a_second_ == 0) return true;
    return (of_second(counted_.load(std::memory_order_relaxed), second_of(now)) & kCount) < most_a_second_;
  }

 private:
  static constexpr int kCountBits = 32;
  static constexpr std::uint64_t kCount = 0xffffffffU;
  static std::uint64_t second_of(TimePoint now) {
    return static_cast<std::uint64_t>(
        std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
  }
  /// `known` if it is of that second; otherwise none in it.
  static std::uint64_t of_second(std::uint64_t known, std::uint64_t second) {
    const std::uint64_t none = second << kCountBits;
    return (known & ~kCount) == none ? known : none;
  }

  const std::uint32_t most_;
  const std::uint32_t most_a_second_;
  std::atomic<std::uint64_t> counted_{0};  // the second, and how many in it
};

}  // namespace reseal::proxy
