// What a client connection waits for, and for how long: its timer has one phase at a time.
#include <utility>

#include "lb/proxy/client_connection.h"

namespace reseal::proxy {
namespace {

constexpr Duration kLingerTime{2000};
constexpr Duration kLeftoverTime{
    2000};                      // uploads that go on after their answer: between one and two of these
constexpr int kWriteLooks = 2;  // so often within response_write it is looked whether the client takes bytes

}  // namespace

void ClientConnection::linger() {
  if (state_ != State::kServing) return;
  state_ = State::kLingering;
  // Reading goes on for a while: closing with unread bytes would reset the connection and could destroy the
  // response before the client has read it (RFC 9112 9.6).
  stream_->end();
  stream_->resume_reading();
  update();
}

void ClientConnection::update() {
  if (state_ == State::kClosed) return;
  if (state_ == State::kLingering && peer_ended_ && stream_->unsent() == 0) {
    close();
    return;
  }
  if (state_ == State::kServing) {
    if (session_->wants_pause()) {
      stream_->pause_reading();
      stream_->watch_peer(session_->waits_for_server());
    } else {
      stream_->resume_reading();
    }
  }
  const Phase wanted = wanted_phase();
  if (wanted != phase_) enter_phase(wanted);
}

ClientConnection::Phase ClientConnection::wanted_phase() const {
  if (state_ == State::kHandshaking || state_ == State::kPrelude) return Phase::kHandshake;
  // The end of the response has the time of every other part of it; lingering begins when it is sent.
  if (state_ == State::kLingering) return stream_->unsent() != 0 ? Phase::kWrite : Phase::kLinger;
  if (stream_->is_backed_up() || session_->has_stalled_output()) return Phase::kWrite;
  if (session_->is_reading_head()) return Phase::kHead;
  if (session_->has_leftovers()) return Phase::kLeftovers;
  if (exchanges_ != 0) return Phase::kNone;
  return session_->is_idle() && served_a_request_ ? Phase::kIdle : Phase::kHead;
}

Duration ClientConnection::time_for(Phase phase) const {
  const ClientTimeouts& timeouts = frontend_->timeouts;
  switch (phase) {
    case Phase::kHandshake:
      return timeouts.handshake;
    case Phase::kHead:
      return timeouts.request_head;
    case Phase::kIdle:
      return timeouts.keep_alive;
    case Phase::kLeftovers:
      return kLeftoverTime;
    case Phase::kWrite:
      return timeouts.response_write / kWriteLooks;
    case Phase::kLinger:
      return kLingerTime;
    case Phase::kNone:
      break;
  }
  return Duration::zero();
}

void ClientConnection::look_at_progress() {
  if (state_ == State::kServing && session_->has_stalled_output() && !stream_->is_backed_up()) {
    session_->look_at_stalls();  // the connection takes bytes, some of its streams do not
    update();
    return;
  }
  // A slow reader is no stalled one: what counts is whether its system has acknowledged anything since the
  // last look.
  const std::uint64_t delivered = stream_->delivered();
  if (stalled_looks_ != 0 && delivered != delivered_) stalled_looks_ = 0;
  delivered_ = delivered;
  if (++stalled_looks_ >= kWriteLooks) {
    close(Code::kClientTimeout);
    return;
  }
  phase_ = Phase::kWrite;
  context_.loop.start_timer(timer_, time_for(Phase::kWrite));
}

void ClientConnection::enter_phase(Phase phase) {
  phase_ = phase;
  stalled_looks_ = 0;
  if (phase == Phase::kNone) {
    timer_.stop();
  } else {
    context_.loop.start_timer(timer_, time_for(phase));
  }
}

void ClientConnection::on_timeout() {
  const Error late{Code::kClientTimeout, Origin::kClient, "the client was too slow", 0, 0, 0};
  switch (std::exchange(phase_, Phase::kNone)) {
    case Phase::kHead:
      if (session_->is_reading_head()) {
        session_->refuse(late);  // 408
        update();
        return;
      }
      linger();
      return;
    case Phase::kIdle:
      // HTTP/2 says goodbye first, and is done when asked again: a request that crosses it is still served.
      session_->close_when_idle();
      update();
      if (state_ == State::kServing && phase_ == Phase::kIdle) context_.loop.start_timer(timer_, kLingerTime);
      return;
    case Phase::kHandshake:
      handshake_failed(Code::kClientTimeout);
      close();
      return;
    case Phase::kLeftovers:
      session_->look_at_leftovers();
      update();
      return;
    case Phase::kWrite:
      look_at_progress();
      return;
    case Phase::kLinger:
    case Phase::kNone:
      close();
      return;
  }
}

}  // namespace reseal::proxy
