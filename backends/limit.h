// How much of something may be in use at a time, all workers together, and one claim on it. Exact: never above the
// limit, whatever the number of workers (docs/decisions/0014). Shared memory: part of ServerState and BackendState.
// Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace reseal::backends {

class WaitQueue;

/// What is counted is up to the owner: requests in flight, open connections.
class Limit {
 public:
  /// 0: no limit. Lower than what is in use: nothing more is given until enough has come back.
  void set_most(std::uint32_t most) { most_.store(most); }
  [[nodiscard]] std::uint32_t most() const { return most_.load(); }
  [[nodiscard]] bool is_set() const { return most_.load() != 0; }
  [[nodiscard]] std::uint32_t in_use() const { return in_use_.load(); }
  /// True now; another worker may be faster.
  [[nodiscard]] bool has_room() const { return fits(in_use_.load()); }

 private:
  friend class Slot;
  [[nodiscard]] bool fits(std::uint32_t in_use) const {
    const std::uint32_t most = most_.load();
    return most == 0 || in_use < most;
  }
  bool take() {
    std::uint32_t in_use = in_use_.load();
    do {
      if (!fits(in_use)) return false;
    } while (!in_use_.compare_exchange_weak(in_use, in_use + 1));
    return true;
  }

  std::atomic<std::uint32_t> most_{0};
  std::atomic<std::uint32_t> in_use_{0};
};

/// One of what a limit counts. Moving hands it on; destroying it gives it back and has `queue` look who may go on.
class Slot {
 public:
  Slot() = default;
  ~Slot() { release(); }
  Slot(Slot&& other) noexcept
      : limit_(std::exchange(other.limit_, nullptr)), queue_(std::exchange(other.queue_, nullptr)) {}
  Slot& operator=(Slot&& other) noexcept;

  /// Not held when there is no room. Both are borrowed while it is held.
  [[nodiscard]] static Slot take(Limit& limit, WaitQueue& queue) {
    return limit.take() ? Slot(limit, queue) : Slot();
  }
  /// Over the limit if need be.
  [[nodiscard]] static Slot take_in_any_case(Limit& limit, WaitQueue& queue) {
    limit.in_use_.fetch_add(1);
    return {limit, queue};
  }
  [[nodiscard]] bool is_held() const { return limit_ != nullptr; }
  void release();
  /// Gives it back without a look at the queue: for one taken on trial by the head of the queue itself, which would
  /// otherwise be told of its own slot for ever.
  void release_quietly();

 private:
  Slot(Limit& limit, WaitQueue& queue) : limit_(&limit), queue_(&queue) {}
  Limit* limit_ = nullptr;
  WaitQueue* queue_ = nullptr;
};

}  // namespace reseal::backends
