#include "backends/recent_share.h"

namespace reseal::backends {

void RecentShare::drop_old(TimePoint now) {
  constexpr auto kSecond = std::chrono::seconds(1);
  if (now - next_ >= kSecond * kSeconds) {
    clear();
    next_ = now + kSecond;
    return;
  }
  while (now >= next_) {
    next_ += kSecond;
    newest_ = (newest_ + 1) % kSeconds;
    all_ -= seconds_[newest_].all;
    marked_ -= seconds_[newest_].marked;
    seconds_[newest_] = {};
  }
}

}  // namespace reseal::backends
