// How many client connections there may be in all: one count for every worker, since SO_REUSEPORT does not
// share them out evenly. Shared mutable memory (docs/decisions/0009). Owner: the process; outlives the
// workers. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>

namespace reseal::runtime {

class ConnectionBudget {
 public:
  explicit ConnectionBudget(std::size_t most) : most_(most) {}

  void add() { open_.fetch_add(1, std::memory_order_relaxed); }
  void remove() { open_.fetch_sub(1, std::memory_order_relaxed); }
  /// No more should be accepted. Workers that accept in the same instant may go over by one each.
  [[nodiscard]] bool is_full() const { return open_.load(std::memory_order_relaxed) >= most_; }
  /// Some room again: not at the very limit, so that the listeners do not flap.
  [[nodiscard]] bool has_room() const { return open_.load(std::memory_order_relaxed) + most_ / 64 < most_; }
  /// How many there are.
  [[nodiscard]] const std::atomic<std::size_t>& open() const { return open_; }
  [[nodiscard]] std::size_t most() const { return most_; }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> open_{0};
};

}  // namespace reseal::runtime
