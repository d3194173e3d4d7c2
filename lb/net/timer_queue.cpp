#include "lb/net/timer_queue.h"

#include <algorithm>

namespace reseal::net {

TimerQueue::Lane& TimerQueue::lane(Duration duration) {
  for (const auto& lane : lanes_) {
    if (lane->duration == duration) return *lane;
  }
  lanes_.push_back(std::make_unique<Lane>());
  lanes_.back()->duration = duration;
  return *lanes_.back();
}

void TimerQueue::start(Timer& timer, TimePoint now, Duration after) {
  timer.deadline_ = now + after;
  lane(after).timers.push_back(timer);
}

void TimerQueue::start_irregular(Timer& timer, TimePoint now, Duration after) {
  timer.unlink();
  timer.deadline_ = now + after;
  // From the back: most new deadlines are later than most old ones.
  Timer* before = irregular_.back();
  while (before != nullptr && before->deadline_ > timer.deadline_) before = irregular_.previous(*before);
  if (before == nullptr) {
    irregular_.push_front(timer);
  } else {
    irregular_.insert_after(*before, timer);
  }
}

void TimerQueue::fire_due(List& list, TimePoint now) {
  while (Timer* timer = list.front()) {
    if (timer->deadline_ > now) return;
    timer->unlink();
    timer->function_(timer->owner_);
  }
}

void TimerQueue::advance(TimePoint now) {
  // A timer function may add a lane, so no iterator is kept.
  for (std::size_t i = 0; i < lanes_.size(); ++i) fire_due(lanes_[i]->timers, now);
  fire_due(irregular_, now);
}

std::optional<TimePoint> TimerQueue::next_deadline() const {
  std::optional<TimePoint> next;
  const auto consider = [&next](const List& list) {
    if (const Timer* timer = list.front()) next = next ? std::min(*next, timer->deadline_) : timer->deadline_;
  };
  for (const auto& lane : lanes_) consider(lane->timers);
  consider(irregular_);
  return next;
}

}  // namespace reseal::net
