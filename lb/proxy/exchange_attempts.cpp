// The exchange's attempts: which server, the queue before it, and what follows when one fails.
#include <algorithm>
#include <utility>

#include "lb/proxy/exchange.h"
#include "lb/proxy/retry_policy.h"

namespace reseal::proxy {

// ---- to a server

void Exchange::try_next_server() {
  state_ = State::kConnecting;
  switch (admission_.ask(*backend_, {balance_key_, persistence_.preferred(), &tried_, needs()})) {
    case backends::Admission::Outcome::kAdmitted:
      connect();
      return;
    case backends::Admission::Outcome::kWaiting:
      enter_queue();
      return;
    case backends::Admission::Outcome::kQueueFull:
      answer_error(
          {Code::kQueueFull, Origin::kServer, "every server is at its limit and the queue is full", 0, 0, 0});
      return;
    case backends::Admission::Outcome::kNoServerUp:
      answer_error({Code::kNoServerUp, Origin::kServer, "every server of the backend is down", 0, 0, 0});
      return;
  }
}

backends::ConnectionNeeds Exchange::needs() const {
  return {.fresh = attempts_ > 0,
          .upgrade = asks_for_tunnel() && !frontend_->is_tcp,
          .raw = frontend_->is_tcp,
          .preface = preface_};
}

void Exchange::enter_queue() {
  state_ = State::kQueued;
  backend_->counters().queued.add();
  backend_->counters().in_queue.add(1);
  expect_server(backend_->settings().queue_timeout);
  owner_->on_exchange_flow();
}

void Exchange::leave_queue() {
  if (state_ != State::kQueued) return;
  server_timer_.stop();
  backend_->counters().in_queue.add(-1);
}

void Exchange::on_admission() {
  leave_queue();
  state_ = State::kConnecting;
  if (admission_.outcome() == backends::Admission::Outcome::kAdmitted) {
    connect();
  } else {
    answer_error({Code::kNoServerUp, Origin::kServer, "every server of the backend is down", 0, 0, 0});
  }
}

void Exchange::connect() {
  backends::ConnectionPool& pool = backend_->pool(admission_.server());
  const backends::ServerState* previous = std::exchange(server_, pool.server().state.get());
  redispatched_ = redispatched_ || (previous != nullptr && previous != server_);
  times_.connecting(context_.loop.now());
  if (attempts_ > 0) pool.counters().retries.add();
  pool.acquire(lease_, *this, needs());
  tried_.add(admission_.server());
  persistence_.chosen(admission_.server());
  ++attempts_;
  if (!lease_.is_ready()) {
    owner_->on_exchange_flow();
    return;
  }
  times_.connected(context_.loop.now(), Microseconds(0), true);
  send_request();
}

void Exchange::on_lease_crowded_out() {
  admission_.release();
  try_next_server();
}

void Exchange::on_lease_ready() {
  times_.connected(context_.loop.now(), lease_.handshake_time(), false);
  send_request();
}

void Exchange::on_lease_failed(const Error& error) {
  frontend_counters().connect_errors.add();  // server and backend: by the pool
  attempt_failed(error);
}

void Exchange::on_lease_refused(const Error& error) {
  attempt_failed(error);
}

// ---- failure

void Exchange::on_server_timeout() {
  if (state_ == State::kQueued) {
    answer_error(
        {Code::kQueueTimeout, Origin::kServer, "every server was at its limit for too long", 0, 0, 0});
    return;
  }
  if (state_ == State::kTunnel) {
    attempt_failed(
        {Code::kTunnelTimeout, Origin::kLocal, "neither side sent anything for too long", 0, 0, 0});
    return;
  }
  if (state_ == State::kRequesting && context_.loop.now() < response_deadline_ &&
      !may_retry_now(Code::kServerTimeout)) {
    // This attempt had its time, but there will be no other: it may go on until the response is overdue, or another one
    // is possible.
    const auto rest = std::chrono::ceil<Duration>(response_deadline_ - context_.loop.now());
    context_.loop.start_irregular_timer(server_timer_,
                                        std::min(rest, backend_->settings().retry.try_timeout));
    return;
  }
  on_response_failed({Code::kServerTimeout, Origin::kServer,
                      state_ == State::kResponding ? "the response stopped midway" : "no response in time", 0,
                      0, 0});
}

Attempt Exchange::attempt() {
  return {.request_sent = state_ != State::kConnecting,
          .idempotent = http::is_idempotent(request_.method),
          .body_replayable = replayable_,
          .response_started = is_responding(),
          .another_server = backend_->has_untried(tried_),
          .attempts = attempts_};
}

bool Exchange::is_retried_for_free(Code code) const {
  if (attempts_ > 1) return false;
  const bool stale = lease_.was_idle() && (code == Code::kServerClosed || code == Code::kServerReset);
  return stale || code == Code::kServerRefused;
}

bool Exchange::may_retry_now(Code code) {
  const backends::RetrySettings& settings = backend_->settings().retry;
  return may_retry(settings, code, attempt()) &&
         backend_->retry_budget().has_room(settings.budget_percent, context_.loop.now());
}

bool Exchange::pays_for_retry() {
  if (backend_->retry_budget().take(backend_->settings().retry.budget_percent, context_.loop.now()))
    return true;
  backend_->counters().retries_denied.add();
  return false;
}

bool Exchange::is_asked_again(int status) {
  const backends::RetrySettings& settings = backend_->settings().retry;
  // Most backends list none, and whether there is another server takes a look at all of them.
  return settings.statuses.any() && may_retry_status(settings, status, attempt()) && pays_for_retry();
}

void Exchange::retry() {
  server_timer_.stop();
  client_timer_.stop();
  admission_.release();
  backend_->counters().retries.add();
  frontend_counters().retries.add();
  // Body bytes that were taken are in replay_; no more until there is somewhere to put them.
  if (!request_complete_) client_side_->pause_request_body();
  times_.disconnected();
  try_next_server();
}

void Exchange::attempt_failed(const Error& error) {
  server_timer_.stop();
  client_timer_.stop();
  // That a server closed a connection for having been idle, or takes no more on one, says nothing about the server and
  // costs no budget. The next attempt is on a new connection, so this happens once to a request at most.
  const bool repeatable = may_retry(backend_->settings().retry, error.code, attempt());
  const bool is_free = is_retried_for_free(error.code);
  log_failure(error);
  // A server that is silent may be so on the whole connection; a stream that it refuses or resets says nothing of the
  // others, and a session that is broken takes no request anyway.
  if (error.code == Code::kServerTimeout) {
    lease_.abandon();
  } else {
    lease_.release();
  }
  if (repeatable && (is_free || pays_for_retry())) {
    retry();
  } else if (is_responding()) {
    http::ResponseWriter& writer = *client_side_;
    finish(error.code, response_.status);
    writer.abort();
  } else {
    answer_error(error);
  }
}

}  // namespace reseal::proxy
