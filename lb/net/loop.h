// One event loop, one thread: cached time, timers, buffers, the turn's flush list and the graveyard.
//
// A *turn* is one callback from libuv. At its end, in this order: streams with output are flushed (one record
// and one write each), then everything buried during the turn is destroyed. So `close()` and "write" never
// act under the feet of the caller, and an object may bury itself while it is on the stack. What this schedules in turn
// is done too.
//
// A *round* is one pass of the loop: all that the kernel had ready at once, a turn each. What many turns add to (an
// HTTP/2 connection whose streams are answered by many servers) is flushed once a round.
//
// Owner: the worker or the process. Not thread-safe, except Wakeup (mailbox.h).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "lb/base/buffer_pool.h"
#include "lb/base/clock.h"
#include "lb/base/disposable.h"
#include "lb/base/intrusive_list.h"
#include "lb/net/pipe.h"
#include "lb/net/timer_queue.h"

struct uv_loop_s;

namespace reseal::net {

struct FlushTag;

/// Something to be flushed at the end of the turn.
class Flushable : public ListNode<FlushTag> {
 public:
  /// May call its owner back (a failed write), and may schedule further flushes.
  virtual void flush() = 0;

 protected:
  ~Flushable() = default;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop(). Handles still open afterwards are closed by their owners before the loop is destroyed, which
  /// waits for libuv to let go of them.
  void run();
  void stop();

  /// The time at the start of this turn.
  [[nodiscard]] TimePoint now() const { return now_; }
  /// The same for those who outlive a turn; as long as the loop.
  [[nodiscard]] const TimePoint& clock() const { return now_; }
  void start_timer(Timer& timer, Duration after) {
    timers_.start(timer, now_, after);
    timers_changed_ = true;
  }
  void start_irregular_timer(Timer& timer, Duration after) {
    timers_.start_irregular(timer, now_, after);
    timers_changed_ = true;
  }

  BufferPool& buffers() { return buffers_; }
  /// Null: none is to be had.
  std::unique_ptr<Pipe> take_pipe();
  /// Null is nothing.
  void give_back(std::unique_ptr<Pipe> pipe);
  /// Where this thread's reads land first unless a SocketReader takes the bytes; valid during the turn.
  std::span<char> receive_buffer() { return {receive_buffer_.get(), kReceiveBuffer}; }
  static constexpr std::size_t kReceiveBuffer = 64 * 1024;
  /// Where TLS puts the plaintext of a record; one and more.
  std::span<char> plaintext_buffer() { return {plaintext_buffer_.get(), kPlaintextBuffer}; }
  static constexpr std::size_t kPlaintextBuffer = 17 * 1024;

  void schedule_flush(Flushable& item) {
    if (!item.is_linked()) flushes_.push_back(item);
  }
  /// The same at the end of the round; never later than before the loop waits.
  void schedule_round_flush(Flushable& item) {
    if (!item.is_linked()) round_flushes_.push_back(item);
  }
  /// Destroys `object` at the end of the turn (and of its uv handles when libuv lets go).
  void bury(std::unique_ptr<Disposable> object) { graveyard_.push_back(std::move(object)); }

  /// Every callback from libuv has one on its stack, first thing. Code called from outside the loop
  /// (start-up, tests) may open one too. Not nested.
  class Turn {
   public:
    explicit Turn(Loop& loop);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Loop& loop_;
  };

  uv_loop_s* native() { return loop_.get(); }

 private:
  static void flush_all(IntrusiveList<Flushable, FlushTag>& items);
  void finish_turn();
  void finish_round();
  void arm_timer();
  struct Handles;

  std::unique_ptr<uv_loop_s> loop_;
  std::unique_ptr<Handles> handles_;
  std::unique_ptr<char[]> receive_buffer_;
  std::unique_ptr<char[]> plaintext_buffer_;
  BufferPool buffers_;
  std::unique_ptr<Pipe> pipe_;  // empty; null while it is lent
  TimerQueue timers_;
  TimePoint now_;
  TimePoint armed_;  // deadline the uv timer is set to; max() when not
  bool timers_changed_ = false;
  IntrusiveList<Flushable, FlushTag> flushes_;
  IntrusiveList<Flushable, FlushTag> round_flushes_;
  std::vector<std::unique_ptr<Disposable>> graveyard_;
};

}  // namespace reseal::net
