// One worker's lines for one channel, until they are handed over together: formatted in place, nothing allocated
// per line. Owner: the worker's AccessLogs. Single thread.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "lb/stats/access_channel.h"
#include "lb/stats/log_format.h"

namespace reseal::stats {

class AccessBuffer {
 public:
  static constexpr std::size_t kSize = 64 * 1024;

  explicit AccessBuffer(std::shared_ptr<AccessChannel> channel) : channel_(std::move(channel)) {}

  [[nodiscard]] const std::shared_ptr<AccessChannel>& channel() const { return channel_; }
  [[nodiscard]] bool is_empty() const { return used_ == 0; }

  /// Where the next line is to be written, without its line feed; add() follows.
  [[nodiscard]] std::span<char> room() const { return {memory_.get() + used_, LogFormat::kMostLine - 1}; }
  /// A line of so many bytes stands there. Hands over when another might not fit.
  void add(std::size_t size) {
    used_ += size;
    memory_[used_++] = '\n';
    ++lines_;
    if (kSize - used_ < LogFormat::kMostLine) hand_over();
  }
  void hand_over() {
    if (used_ == 0) return;
    channel_->hand_over({memory_.get(), std::exchange(used_, 0)}, std::exchange(lines_, 0));
  }

 private:
  std::shared_ptr<AccessChannel> channel_;
  std::unique_ptr<char[]> memory_ = std::make_unique_for_overwrite<char[]>(kSize);
  std::size_t used_ = 0;
  std::uint64_t lines_ = 0;
};

}  // namespace reseal::stats
