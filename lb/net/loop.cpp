#include "lb/net/loop.h"

#include <uv.h>

#include <cstdio>
#include <cstdlib>

namespace reseal::net {

struct Loop::Handles {
  uv_timer_t timer;
};

Loop::Loop()
    : loop_(std::make_unique<uv_loop_t>()),
      handles_(std::make_unique<Handles>()),
      receive_buffer_(std::make_unique_for_overwrite<char[]>(kReceiveBuffer)),
      plaintext_buffer_(std::make_unique_for_overwrite<char[]>(kPlaintextBuffer)),
      now_(Clock::now()),
      armed_(TimePoint::max()) {
  if (uv_loop_init(loop_.get()) != 0) {
    std::fputs("reseal: cannot create an event loop (out of descriptors or memory)\n", stderr);
    std::abort();
  }
  uv_timer_init(loop_.get(), &handles_->timer);
  handles_->timer.data = this;
}

Loop::~Loop() {
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->timer), nullptr);
  // Owners have closed their handles; what is left is libuv's close callbacks. A handle that somebody forgot
  // would keep the loop busy for ever: that is a broken invariant.
  for (int round = 0; uv_loop_close(loop_.get()) == UV_EBUSY; ++round) {
    if (round > 1000) {
      std::fputs("reseal: a handle outlived its owner\n", stderr);
      std::abort();
    }
    uv_run(loop_.get(), UV_RUN_NOWAIT);
  }
}

void Loop::run() {
  {
    const Turn turn(*this);  // what was scheduled before the loop ran
  }
  uv_run(loop_.get(), UV_RUN_DEFAULT);
}

void Loop::stop() {
  uv_stop(loop_.get());
}

Loop::Turn::Turn(Loop& loop) : loop_(loop) {
  loop_.now_ = Clock::now();
}
Loop::Turn::~Turn() {
  loop_.finish_turn();
}

void Loop::finish_turn() {
  while (Flushable* item = flushes_.front()) {
    item->unlink();
    item->flush();
  }
  if (timers_changed_) {
    timers_changed_ = false;
    arm_timer();
  }
  // Destructors may bury more.
  while (!graveyard_.empty()) {
    std::vector<std::unique_ptr<Disposable>> dead;
    dead.swap(graveyard_);
  }
}

void Loop::arm_timer() {
  const auto next = timers_.next_deadline();
  // A timer that fires too early finds nothing due and is set anew: cheaper than moving it at every change.
  if (!next || *next >= armed_) return;
  armed_ = *next;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*next - now_).count();
  uv_timer_start(
      &handles_->timer,
      [](uv_timer_t* timer) noexcept {
        auto& loop = *static_cast<Loop*>(timer->data);
        const Turn turn(loop);
        loop.armed_ = TimePoint::max();
        loop.timers_changed_ = true;
        loop.timers_.advance(loop.now_);
      },
      wait > 0 ? static_cast<std::uint64_t>(wait) : 0, 0);
}

}  // namespace reseal::net
