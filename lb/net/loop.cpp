#include "lb/net/loop.h"

#include <uv.h>

#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace reseal::net {
namespace {

/// Who schedules a flush of the round at the end of every one of its turns would never let the loop go on.
[[maybe_unused]] constexpr int kMostPasses = 10'000;

}  // namespace

struct Loop::Handles {
  uv_timer_t timer;
  uv_prepare_t before_waiting;  // for what timers have scheduled
  uv_check_t after_events;
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
  uv_prepare_init(loop_.get(), &handles_->before_waiting);
  handles_->before_waiting.data = this;
  uv_prepare_start(&handles_->before_waiting,
                   [](uv_prepare_t* handle) noexcept { static_cast<Loop*>(handle->data)->finish_round(); });
  uv_check_init(loop_.get(), &handles_->after_events);
  handles_->after_events.data = this;
  uv_check_start(&handles_->after_events,
                 [](uv_check_t* handle) noexcept { static_cast<Loop*>(handle->data)->finish_round(); });
  // Neither is a reason to go on.
  uv_unref(reinterpret_cast<uv_handle_t*>(&handles_->before_waiting));
  uv_unref(reinterpret_cast<uv_handle_t*>(&handles_->after_events));
}

Loop::~Loop() {
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->timer), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->before_waiting), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&handles_->after_events), nullptr);
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

std::unique_ptr<Pipe> Loop::take_pipe() {
  return pipe_ != nullptr ? std::move(pipe_) : Pipe::open();
}

void Loop::give_back(std::unique_ptr<Pipe> pipe) {
  // What the last one did not take is not for the next one.
  if (pipe != nullptr && pipe->size() == 0) pipe_ = std::move(pipe);
}

Loop::Turn::Turn(Loop& loop) : loop_(loop) {
  loop_.now_ = Clock::now();
}
Loop::Turn::~Turn() {
  loop_.finish_turn();
}

void Loop::flush_all(IntrusiveList<Flushable, FlushTag>& items) {
  while (Flushable* item = items.front()) {
    item->unlink();
    item->flush();
  }
}

void Loop::finish_turn() {
  flush_all(flushes_);
  // Destructors may bury more, and schedule flushes.
  while (!graveyard_.empty()) {
    std::vector<std::unique_ptr<Disposable>> dead;
    dead.swap(graveyard_);
    dead.clear();
    flush_all(flushes_);
  }
  if (timers_changed_) {
    timers_changed_ = false;
    arm_timer();
  }
}

void Loop::finish_round() {
  // The end of the turn may schedule more for the round; left over, it would wait for the next event.
  [[maybe_unused]] int passes = 0;
  while (!round_flushes_.empty()) {
    assert(++passes < kMostPasses);
    const Turn turn(*this);
    flush_all(round_flushes_);
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
