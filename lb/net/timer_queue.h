// Timeouts without a uv_timer each: per-duration FIFO lists (starting or restarting one moves an entry, 15-20
// ns), one clock source for all. Owner: the loop. Single thread. Time is handed in, so tests move it by hand.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "lb/base/clock.h"
#include "lb/base/intrusive_list.h"

namespace reseal::net {

struct TimerTag;

/// One pending timeout, a member of its owner. Destroying or stopping it cancels.
class Timer : public ListNode<TimerTag> {
 public:
  /// Timer::bind<&Owner::on_timeout>(this). The owner outlives the timer.
  template <auto Method, class Owner>
  static Timer bind(Owner* owner) {
    return Timer([](void* object) { (static_cast<Owner*>(object)->*Method)(); }, owner);
  }
  void stop() { unlink(); }

 private:
  friend class TimerQueue;
  using Function = void (*)(void*);
  Timer(Function function, void* owner) : function_(function), owner_(owner) {}
  Function function_;
  void* owner_;
  TimePoint deadline_{};
};

class TimerQueue {
 public:
  TimerQueue() = default;
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  /// (Re)starts `timer` to fire `after` from `now`. For the few distinct durations of a configuration.
  void start(Timer& timer, TimePoint now, Duration after);
  /// The same for durations that differ each time (jitter): O(n) in the number of irregular timers.
  void start_irregular(Timer& timer, TimePoint now, Duration after);

  /// Calls every timer that is due; each is stopped before its call and may restart itself or others.
  void advance(TimePoint now);
  /// The earliest deadline; none when nothing runs.
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;

 private:
  using List = IntrusiveList<Timer, TimerTag>;
  struct Lane {
    Duration duration;
    List timers;
  };
  Lane& lane(Duration duration);
  static void fire_due(List& list, TimePoint now);

  std::vector<std::unique_ptr<Lane>> lanes_;
  List irregular_;
};

}  // namespace reseal::net
