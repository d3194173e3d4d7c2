// The queue by itself: who is told, by whom, and who is not.
#include "backends/wait_queue.h"

#include <catch2/catch.hpp>
#include <functional>

#include "backends/limit.h"

using namespace reseal;
using namespace reseal::backends;

namespace {

/// A worker: its loop and its door. All are on this thread; what a worker was told happens in its next turn.
struct Worker final : RoomMaker {
  explicit Worker(WaitQueue& queue) : door(loop, queue, *this) {}
  void make_room() override { ++rooms; }
  void turn() { const net::Loop::Turn now(loop); }
  net::Loop loop;
  QueueDoor door;
  int rooms = 0;
};

struct Guest final : Waiter {
  explicit Guest(WaitQueue& of) : queue(of) {}
  ~Guest() override { queue.leave(*this); }
  void on_turn() override {
    ++turns;
    if (then) then();
    if (goes) queue.leave(*this);
  }
  WaitQueue& queue;
  bool goes = false;
  int turns = 0;
  std::function<void()> then;
};

using Joined = WaitQueue::Joined;
using Place = WaitQueue::Place;

}  // namespace

TEST_CASE("who waits goes by class, then by when it came and how much later it is taken to have come") {
  WaitQueue queue;
  Worker worker(queue);
  Guest plain(queue), second(queue), urgent(queue), later(queue), earlier(queue), again(queue), last(queue);
  const auto join = [&](Guest& guest, Priority priority, Place place = Place::kBack) {
    return queue.join(guest, worker.door, place, 9, priority);
  };
  CHECK(join(plain, {}) == Joined::kHead);
  CHECK(join(later, {0, 500}) == Joined::kBehind);
  CHECK(join(second, {}) == Joined::kBehind);
  CHECK(join(last, {1, -500}) == Joined::kBehind);
  CHECK(join(earlier, {0, -500}) == Joined::kHead);
  CHECK(join(urgent, {-1, 9000}) == Joined::kHead);
  CHECK(join(again, {}, Place::kFront) == Joined::kHead);
  Guest most(queue);
  CHECK(join(most, {-Priority::kMostClass, 0}) == Joined::kBehind);
  for (Guest* guest : {&again, &most, &urgent, &earlier, &plain, &second, &later, &last}) {
    CHECK(queue.head_of(worker.door) == guest);
    queue.leave(*guest);
  }
}

TEST_CASE("who joins is told whether it is the head, and whether there is a place for it") {
  WaitQueue queue;
  Worker worker(queue);
  Guest a(queue), b(queue), c(queue), d(queue);
  CHECK(queue.is_empty());
  CHECK(queue.join(a, worker.door, Place::kBack, 2) == Joined::kHead);
  CHECK(queue.join(b, worker.door, Place::kBack, 2) == Joined::kBehind);
  CHECK(queue.join(c, worker.door, Place::kBack, 2) == Joined::kFull);
  CHECK_FALSE(c.is_waiting());
  CHECK(queue.join(d, worker.door, Place::kFront, 2) == Joined::kHead);
  CHECK(queue.waiting() == 3);
  CHECK(queue.head_of(worker.door) == &d);
  for (Guest* guest : {&d, &a, &b}) {
    CHECK(queue.head_of(worker.door) == guest);
    CHECK(guest->is_waiting());
    queue.leave(*guest);
    CHECK_FALSE(guest->is_waiting());
    queue.leave(*guest);  // nothing
  }
  CHECK(queue.is_empty());
}

TEST_CASE("a slot that is given back has the head told once, and nobody else") {
  WaitQueue queue;
  Limit limit;
  Worker one(queue), other(queue);
  Guest head(queue), next(queue);
  Slot slot = Slot::take(limit, queue);
  Slot quiet = Slot::take(limit, queue);
  queue.join(head, one.door, Place::kBack, 9);
  queue.join(next, other.door, Place::kBack, 9);
  slot.release();
  slot.release();
  quiet.release_quietly();
  CHECK(limit.in_use() == 0);
  CHECK(head.turns == 0);  // at the end of a turn
  other.turn();
  one.turn();
  one.turn();
  CHECK(head.turns == 1);
  CHECK(next.turns == 0);
}

TEST_CASE("one word serves as many as can go, in order, over all workers") {
  WaitQueue queue;
  Worker one(queue), other(queue);
  Guest a(queue), b(queue), c(queue), d(queue);
  a.goes = b.goes = c.goes = true;
  queue.join(a, one.door, Place::kBack, 9);
  queue.join(b, one.door, Place::kBack, 9);
  queue.join(c, other.door, Place::kBack, 9);
  queue.join(d, one.door, Place::kBack, 9);
  queue.tell_head();
  one.turn();
  CHECK(a.turns + b.turns == 2);
  CHECK(c.turns == 0);
  other.turn();
  CHECK(c.turns == 1);
  CHECK(d.turns == 0);
  one.turn();
  CHECK(d.turns == 1);
  CHECK(queue.waiting() == 1);
  one.turn();
  CHECK(d.turns == 1);  // it stays, and is not asked again without a word
}

TEST_CASE("a word that comes while its worker looks is heard afterwards") {
  WaitQueue queue;
  Worker worker(queue);
  Guest guest(queue);
  queue.join(guest, worker.door, Place::kBack, 9);
  guest.then = [&] {
    if (guest.turns == 1) queue.tell_head();
  };
  queue.tell_head();
  worker.turn();
  CHECK(guest.turns == 2);
}

TEST_CASE("who is told and finds another worker's request at the head passes the word on") {
  WaitQueue queue;
  Worker one(queue), other(queue);
  Guest first(queue), again(queue);
  queue.join(first, one.door, Place::kBack, 9);
  queue.tell_head();
  queue.join(again, other.door, Place::kFront, 9);
  one.turn();
  CHECK(first.turns == 0);
  other.turn();
  CHECK(again.turns == 1);
}

TEST_CASE("when the head gives up the next one is told; when another does, nobody") {
  WaitQueue queue;
  Worker one(queue), other(queue);
  Guest a(queue), b(queue), c(queue);
  queue.join(a, one.door, Place::kBack, 9);
  queue.join(b, other.door, Place::kBack, 9);
  queue.join(c, other.door, Place::kBack, 9);
  queue.leave(b);
  one.turn();
  other.turn();
  CHECK(a.turns + c.turns == 0);
  queue.leave(a);
  one.turn();
  other.turn();
  CHECK(c.turns == 1);
}

TEST_CASE("who lacks room asks every other worker for it, once, and not itself") {
  WaitQueue queue;
  Worker one(queue), two(queue), three(queue);
  queue.ask_for_room(two.door);
  queue.ask_for_room(two.door);
  for (Worker* worker : {&one, &two, &three}) worker->turn();
  for (Worker* worker : {&one, &two, &three}) worker->turn();
  CHECK(one.rooms == 1);
  CHECK(two.rooms == 0);
  CHECK(three.rooms == 1);
}
