#include "backends/admission.h"

#include <utility>

#include "backends/backend.h"

namespace reseal::backends {

Admission::Outcome Admission::ask(LocalBackend& backend, const AdmissionWish& wish) {
  backend_ = &backend;
  wish_ = wish;
  backend.count_load(1);
  if (!backend.is_limited()) {
    const auto choice = wish.forced ? wish.forced : backend.choose(wish.key, *wish.tried, wish.preferred);
    server_ = choice.value_or(0);
    outcome_ = choice ? Outcome::kAdmitted : Outcome::kNoServerUp;
    return outcome_;
  }
  // Whoever comes while others wait gets in line, even if there is room: it is theirs, unless it came with a configuration
  // that they do not know. Who is there again is the head.
  outcome_ = Outcome::kWaiting;
  const bool tries = backend.queue().is_empty() || backend.queue().older_head(*this, backend.door());
  if (tries) attempt();
  if (outcome_ == Outcome::kWaiting) get_in_line();
  // What was held on trial may have kept a head of the queue from going.
  if (tries && outcome_ != Outcome::kAdmitted) backend.queue().tell_head();
  return outcome_;
}

void Admission::get_in_line() {
  const auto place = wish_.again ? WaitQueue::Place::kFront : WaitQueue::Place::kBack;
  const auto joined = backend_->queue().join(*this, backend_->door(), place,
                                             backend_->settings().queue_length, wish_.priority);
  if (joined == WaitQueue::Joined::kFull) {
    outcome_ = Outcome::kQueueFull;
  } else if (joined == WaitQueue::Joined::kHead) {
    // Room that came between the attempt and joining was told to nobody.
    attempt();
    if (outcome_ != Outcome::kWaiting) backend_->queue().leave(*this);
  }
}

void Admission::on_turn() {
  attempt();
  if (outcome_ == Outcome::kWaiting) return;
  backend_->queue().leave(*this);
  events_.on_admission();
}

void Admission::attempt() {
  const auto older_head = backend_->queue().older_head(*this, backend_->door());
  outcome_ = backend_->admit(wish_, older_head, server_, backend_slot_, server_slot_);
  if (older_head && outcome_ == Outcome::kWaiting) backend_->queue().tell_only_head();
  // Connections that are idle at other workers are of no use here.
  if (outcome_ == Outcome::kWaiting && is_waiting()) backend_->ask_for_room();
}

void Admission::release() {
  if (backend_ == nullptr) return;
  if (is_waiting()) backend_->queue().leave(*this);
  server_slot_.release();
  backend_slot_.release();
  std::exchange(backend_, nullptr)->count_load(-1);
}

}  // namespace reseal::backends
