// The way of access log lines from the workers to the log thread, one channel a target (a file, standard output,
// a syslog server): a bounded text and one wake-up. When the target does not keep up, whole hand-overs are dropped
// and counted; no worker ever waits. Shared mutable memory (docs/decisions/0013). Shared by generations, workers
// and the log thread; survives reloads with its target. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace reseal::stats {

class AccessChannel {
 public:
  /// The most bytes that wait for the log thread; it holds as many again while it writes.
  static constexpr std::size_t kMostWaiting = 4 * 1024 * 1024;

  /// `target` as the configuration names it. `wake` is called from any thread after lines were handed over; it
  /// must stay callable as long as anybody hands lines over.
  AccessChannel(std::string target, std::function<void()> wake);

  [[nodiscard]] const std::string& target() const { return target_; }

  /// From a worker: whole lines, `lines` of them. Copied, or dropped and counted if there is no room.
  void hand_over(std::string_view text, std::uint64_t lines);
  /// For the log thread: what waits, into `text` (whose capacity is used for what comes next).
  void take(std::string& text);
  /// Lines that could not be written, by the log thread.
  void count_failed(std::uint64_t lines) { failed_.fetch_add(lines, std::memory_order_relaxed); }
  void count_written(std::uint64_t lines) { written_.fetch_add(lines, std::memory_order_relaxed); }

  /// Lines that reached the target; that found no room; that the target did not take.
  [[nodiscard]] std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }

 private:
  const std::string target_;
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::string waiting_;
  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> failed_{0};
};

}  // namespace reseal::stats
