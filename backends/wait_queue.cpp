#include "backends/wait_queue.h"

#include <algorithm>
#include <utility>

#include "backends/limit.h"

namespace reseal::backends {

// ---- slots

Slot& Slot::operator=(Slot&& other) noexcept {
  if (this != &other) {
    release();
    limit_ = std::exchange(other.limit_, nullptr);
    queue_ = std::exchange(other.queue_, nullptr);
  }
  return *this;
}

void Slot::release() {
  WaitQueue* queue = queue_;
  if (!is_held()) return;
  release_quietly();
  queue->tell_head();
}

void Slot::release_quietly() {
  queue_ = nullptr;
  if (Limit* limit = std::exchange(limit_, nullptr)) limit->in_use_.fetch_sub(1);
}

// ---- the queue

WaitQueue::Joined WaitQueue::join(Waiter& waiter, QueueDoor& door, Place place, std::uint32_t length,
                                  Priority priority) {
  const std::scoped_lock lock(mutex_);
  if (place == Place::kBack && waiting_.load() >= length) return Joined::kFull;
  waiter.door_ = &door;
  waiter.waiting_ = true;
  if (place == Place::kBack) {
    insert(waiter, door.loop_.now(), priority);
  } else {
    constexpr std::int64_t kBeforeAll = -Priority::kMostClass - 1;
    waiter.rank_ = {kBeforeAll, TimePoint()};
    waiters_.push_front(waiter);
  }
  waiting_.fetch_add(1);
  newest_ = std::max(newest_, door.generation_);
  return is_first(waiter) ? Joined::kHead : Joined::kBehind;
}

void WaitQueue::insert(Waiter& waiter, TimePoint now, Priority priority) {
  latest_ = std::max(latest_, now);
  waiter.rank_ = {priority.of_class, latest_ + Duration(priority.offset)};
  Waiter* before = waiters_.back();
  while (before != nullptr && before->rank_ > waiter.rank_) before = waiters_.previous(*before);
  if (before != nullptr) {
    waiters_.insert_after(*before, waiter);
  } else {
    waiters_.push_front(waiter);
  }
}

void WaitQueue::leave(Waiter& waiter) {
  if (!waiter.waiting_) return;
  const std::scoped_lock lock(mutex_);
  const bool was_first = is_first(waiter);
  waiter.unlink();
  waiter.waiting_ = false;
  waiting_.fetch_sub(1);
  if (was_first) tell_first_ones();
}

Waiter* WaitQueue::first_newer() {
  Waiter* head = waiters_.front();
  if (head == nullptr) return nullptr;
  const std::uint64_t generation = head->door_->generation_;
  if (newest_ == generation) return nullptr;  // but for the moments after a reload
  for (Waiter* waiter = waiters_.next(*head); waiter != nullptr; waiter = waiters_.next(*waiter)) {
    if (waiter->door_->generation_ > generation) return waiter;
  }
  return nullptr;
}

void WaitQueue::tell_first_ones() {
  if (Waiter* head = waiters_.front()) head->door_->tell(head->door_->turn_);
  if (Waiter* newer = first_newer()) newer->door_->tell(newer->door_->turn_);
}

std::optional<std::uint64_t> WaitQueue::older_head(const Waiter& waiter, const QueueDoor& door) {
  if (is_empty()) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  const Waiter* head = waiters_.front();
  if (head == nullptr || head == &waiter || head->door_->generation_ >= door.generation_) return std::nullopt;
  return head->door_->generation_;
}

Waiter* WaitQueue::head_of(QueueDoor& door) {
  const std::scoped_lock lock(mutex_);
  Waiter* head = waiters_.front();
  if (head == nullptr || head->door_ == &door) return head;
  Waiter* newer = first_newer();
  if (newer != nullptr && newer->door_ == &door) return newer;
  tell_first_ones();
  return nullptr;
}

void WaitQueue::tell_head_locked() {
  const std::scoped_lock lock(mutex_);
  tell_first_ones();
}

void WaitQueue::tell_only_head() {
  const std::scoped_lock lock(mutex_);
  if (Waiter* head = waiters_.front()) head->door_->tell(head->door_->turn_);
}

void WaitQueue::ask_for_room(const QueueDoor& door) {
  const std::scoped_lock lock(mutex_);
  for (QueueDoor* other = doors_.front(); other != nullptr; other = doors_.next(*other)) {
    if (other != &door) other->tell(other->room_wanted_);
  }
}

// ---- doors

QueueDoor::QueueDoor(net::Loop& loop, WaitQueue& queue, RoomMaker& room_maker, std::uint64_t generation)
    : loop_(loop), queue_(queue), room_maker_(room_maker), generation_(generation), wakeup_(loop, [this] {
        flush();
      }) {
  const std::scoped_lock lock(queue_.mutex_);
  queue_.doors_.push_back(*this);
}

QueueDoor::~QueueDoor() {
  const std::scoped_lock lock(queue_.mutex_);
  static_cast<ListNode<DoorTag>&>(*this).unlink();
}

void QueueDoor::tell(std::atomic<bool>& what) {
  if (what.exchange(true)) return;  // told already and not done yet: that look will see this room too
  if (std::this_thread::get_id() == thread_) {
    loop_.schedule_flush(*this);
  } else {
    wakeup_.notify();
  }
}

void QueueDoor::flush() {
  if (room_wanted_.exchange(false)) room_maker_.make_room();
  if (!turn_.exchange(false)) return;
  if (Waiter* head = queue_.head_of(*this)) head->on_turn();
}

}  // namespace reseal::backends
