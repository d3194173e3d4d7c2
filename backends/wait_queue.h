// Requests that wait for a server of one backend to have room, in the order in which they came unless rules give them a
// priority, all workers together.
//
// Who goes next is decided by the head's own worker, since only it knows its balancer and its pools. The others tell it
// that there may be room. No wake-up is lost:
//   * A slot is given back first and the queue looked at after; a request joins first and tries once more after. All
//     four are sequentially consistent, so either the one who gives back sees the waiter, or the waiter the slot.
//   * Only the head tries. Whoever takes the head away, by a slot or by giving up, has the next one told; a worker that
//     is told and finds another's request at the head passes it on. So a word about room always reaches the head.
//   * A head that tries in vain stays and tells nobody: what it lacks comes back with a word of its own.
//   * After a reload the head may be of a configuration that does not know a new server. Those of newer ones do not wait
//     behind it for that: the first of them, too, is told, and has the servers that came after the head's configuration.
//
// Shared memory (docs/decisions/0014): part of BackendState. The list is behind a mutex, taken only while somebody
// waits; is_empty() is one atomic load. Any thread, unless a function says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "backends/priority.h"
#include "lb/base/clock.h"
#include "lb/base/intrusive_list.h"
#include "lb/net/loop.h"
#include "lb/net/mailbox.h"

namespace reseal::backends {

struct QueueTag;
struct DoorTag;
class QueueDoor;
class WaitQueue;

/// A request that may have to wait. Belongs to one worker, which alone calls it.
class Waiter : public ListNode<QueueTag> {
 public:
  /// At the head, and there may be room: it leaves the queue, of which the next one is told, or waits on.
  virtual void on_turn() = 0;
  [[nodiscard]] bool is_waiting() const { return waiting_; }

 protected:
  virtual ~Waiter() = default;

 private:
  friend class WaitQueue;
  QueueDoor* door_ = nullptr;
  std::pair<std::int64_t, TimePoint>
      rank_;              // the lower goes first: its class, and when it is taken to have come
  bool waiting_ = false;  // the links are the queue's, behind its mutex
};

class WaitQueue {
 public:
  enum class Place : std::uint8_t { kBack, kFront };
  enum class Joined : std::uint8_t { kFull, kHead, kBehind };

  [[nodiscard]] bool is_empty() const { return waiting_.load() == 0; }
  [[nodiscard]] std::uint32_t waiting() const { return waiting_.load(); }

  /// kFull: it asked for the back, and `length` wait already. kHead, or the first of a newer configuration than the
  /// head's: the caller tries once more.
  Joined join(Waiter& waiter, QueueDoor& door, Place place, std::uint32_t length, Priority priority = {});
  /// Nothing if it does not wait. Those who come first now are told if it was one of them.
  void leave(Waiter& waiter);
  /// The head if it came in by `door`, or the first of a newer configuration than the head's if that did; otherwise those
  /// who did are told.
  [[nodiscard]] Waiter* head_of(QueueDoor& door);
  /// The generation of the head, if it is older than `waiter`'s (which may not wait yet, and came by `door`) and another's.
  /// Servers up to that one are for the head.
  [[nodiscard]] std::optional<std::uint64_t> older_head(const Waiter& waiter, const QueueDoor& door);
  /// There may be room, or none any more for whom to wait: the head is told.
  void tell_head() {
    if (!is_empty()) tell_head_locked();
  }
  /// One that is not the head has tried in vain: what it held meanwhile may have kept the head from going.
  void tell_only_head();
  /// Every worker but that of `door` gives up what it keeps unused.
  void ask_for_room(const QueueDoor& door);

 private:
  friend class QueueDoor;
  void tell_head_locked();
  // With the mutex held.
  void insert(Waiter& waiter, TimePoint now, Priority priority);
  void tell_first_ones();
  [[nodiscard]] Waiter* first_newer();
  /// The head, or the first of a newer configuration.
  [[nodiscard]] bool is_first(const Waiter& waiter) {
    return waiters_.front() == &waiter || first_newer() == &waiter;
  }

  std::mutex mutex_;
  std::atomic<std::uint32_t> waiting_{0};
  IntrusiveList<Waiter, QueueTag> waiters_;
  IntrusiveList<QueueDoor, DoorTag> doors_;
  std::uint64_t newest_ = 0;  // generation that has waited
  TimePoint latest_{};        // that one came at: workers' clocks differ by a turn
};

/// Asked to give up what is kept unused, because requests of other workers wait for it.
class RoomMaker {
 public:
  virtual void make_room() = 0;

 protected:
  ~RoomMaker() = default;
};

/// One worker's side of a queue: how it is told, from any thread. Owner: the worker's LocalBackend; made and destroyed
/// on the worker's thread, after its waiters have left.
class QueueDoor final : public net::Flushable, public ListNode<DoorTag> {
 public:
  /// All are borrowed and outlive the door. `generation`: of the configuration.
  QueueDoor(net::Loop& loop, WaitQueue& queue, RoomMaker& room_maker, std::uint64_t generation = 0);
  ~QueueDoor();
  QueueDoor(const QueueDoor&) = delete;
  QueueDoor& operator=(const QueueDoor&) = delete;

  /// What it was told is done: at the end of the turn in which this worker told itself, or in a turn of its own.
  void flush() override;

 private:
  friend class WaitQueue;
  /// With the queue's mutex held, so that the door is not destroyed meanwhile.
  void tell(std::atomic<bool>& what);

  net::Loop& loop_;
  WaitQueue& queue_;
  RoomMaker& room_maker_;
  const std::uint64_t generation_;
  const std::thread::id thread_ = std::this_thread::get_id();
  std::atomic<bool> turn_{false};         // the head may go on
  std::atomic<bool> room_wanted_{false};  // others wait
  net::Wakeup wakeup_;
};

}  // namespace reseal::backends
