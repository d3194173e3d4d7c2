#include "lb/stats/access_channel.h"

#include <utility>

namespace reseal::stats {

AccessChannel::AccessChannel(std::string target, std::function<void()> wake)
    : target_(std::move(target)), wake_(std::move(wake)) {}

void AccessChannel::hand_over(std::string_view text, std::uint64_t lines) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() + text.size() > kMostWaiting) {
      dropped_.fetch_add(lines, std::memory_order_relaxed);
      return;  // the log thread has been woken for what waits
    }
    waiting_.append(text);
  }
  wake_();
}

void AccessChannel::take(std::string& text) {
  text.clear();
  const std::scoped_lock lock(mutex_);
  waiting_.swap(text);
}

}  // namespace reseal::stats
