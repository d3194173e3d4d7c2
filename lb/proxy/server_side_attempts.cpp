// The server side's attempts: how long one may take, and what follows when it fails.
#include <fmt/format.h>

#include <algorithm>

#include "lb/proxy/server_side.h"

namespace reseal::proxy {
namespace {

constexpr Duration kPauseBeforeSame{1000};

/// What speaks against the server. That it takes no further request on a connection, or no upgrade at all, does not.
bool is_server_error(const Error& error) {
  return error.origin == Origin::kServer && error.code != Code::kServerRefused &&
         error.code != Code::kServerCannotUpgrade;
}

}  // namespace

// ---- the response

void ServerSide::expect_response() {
  response_deadline_ = context_.loop.now() + response_timeout_;
  // Whether there will be another attempt is only known when the time of this one is over.
  expect(std::min(response_timeout_, settings().retry.try_timeout));
}

void ServerSide::on_timeout() {
  if (pauses_) {
    pauses_ = false;
    try_next_server();
    return;
  }
  if (phase_ == Phase::kQueued) {
    events_.on_server_failed(
        {Code::kQueueTimeout, Origin::kServer, "every server was at its limit for too long", 0, 0, 0});
    return;
  }
  if (phase_ == Phase::kRequesting && context_.loop.now() < response_deadline_ &&
      !may_retry_now(Code::kServerTimeout)) {
    // This attempt had its time, but there will be no other: it may go on until the response is overdue, or another one
    // is possible.
    const auto rest = std::chrono::ceil<Duration>(response_deadline_ - context_.loop.now());
    context_.loop.start_irregular_timer(timer_, std::min(rest, settings().retry.try_timeout));
    return;
  }
  events_.on_server_timeout();
}

bool ServerSide::take_response(const http::ResponseHead& head) {
  lease_.pool().count_response(head.status);
  backend_->note_response(admission_.server(), head.status);
  if (is_asked_again(head.status)) {
    lease_.release();
    retry(false);
    return false;
  }
  phase_ = Phase::kAnswered;
  times_.responding(context_.loop.now());
  replay_.clear();
  // If it asked for a tunnel and got none, it was an ordinary request without a body.
  if (asks_for_tunnel() && head.framing.kind != http::BodyKind::kTunnel) request_complete_ = true;
  return true;
}

// ---- failure

void ServerSide::response_failed(const Error& error) {
  lease_.pool().counters().response_errors.add();
  backend_->counters().response_errors.add();
  frontend_counters().response_errors.add();
  if (is_server_error(error)) backend_->note_error(admission_.server(), code_word(error.code));
  fail(error);
}

void ServerSide::fail(const Error& error) {
  timer_.stop();
  // That a server closed a connection for having been idle, or takes no more on one, says nothing about the server and
  // costs no budget. The next attempt is on a new connection, so this happens once to a request at most.
  const bool is_free = is_retried_for_free(error.code);
  const bool repeatable = !is_by_name(error) && (may_retry(settings().retry, error.code, attempt()) ||
                                                 (is_free && is_sent_again_for_free()));
  pauses_ = phase_ == Phase::kConnecting && error.code != Code::kConnectTimeout;
  log_failure(error);
  // A server that is silent may be so on the whole connection; a stream that it refuses or resets says nothing of the
  // others, and a session that is broken takes no request anyway.
  if (error.code == Code::kServerTimeout) {
    lease_.abandon();
  } else {
    lease_.release();
  }
  if (repeatable && (is_free || pays_for_retry())) {
    retry(is_free);
  } else {
    if (phase_ == Phase::kConnecting) {
      backend_->pool(last_tried_).counters().unconnected.add();
      backend_->counters().unconnected.add();
    }
    events_.on_server_failed(error);
  }
}

void ServerSide::withdraw(Code cause) {
  timer_.stop();
  lease_.release();
  events_.on_server_withdrawn({cause, Origin::kServer, "the server was taken out of service", 0, 0, 0});
}

void ServerSide::log_failure(const Error& error) {
  // A connection that could not be opened was logged by its pool, with the certificate's story.
  if (phase_ == Phase::kConnecting || !context_.failure_lines.allow(context_.loop.now())) return;
  const std::uint64_t suppressed = context_.failure_lines.take_suppressed();
  context_.log.warn(
      fmt::format("server {}: {} {}: {} (attempt {}){}", lease_.pool().server().state->text(),
                  request_.method_text, request_.path(), describe(error), attempts_,
                  suppressed != 0 ? fmt::format("; {} lines like it were not written", suppressed) : ""));
}

// ---- again

Attempt ServerSide::attempt() {
  return {.request_sent = phase_ != Phase::kConnecting,
          .idempotent = http::is_idempotent(request_.method),
          .body_replayable = replay_.is_complete(),
          .response_started = phase_ == Phase::kAnswered,
          .another_server = settings().retry.redispatch || backend_->has_untried(tried_),
          .attempts = attempts_};
}

bool ServerSide::is_by_name(const Error& error) const {
  if (phase_ != Phase::kConnecting || !backends::is_of_handshake(error.code)) return false;
  return !needs().name(settings().servers[last_tried_]->name_of_request).empty();
}

bool ServerSide::is_retried_for_free(Code code) const {
  if (attempts_ > 1) return false;
  const bool stale = lease_.was_idle() && (code == Code::kServerClosed || code == Code::kServerReset);
  return stale || code == Code::kServerRefused;
}

bool ServerSide::is_sent_again_for_free() {
  const Attempt now = attempt();
  return settings().retry.stale_connection && now.idempotent && now.body_replayable && !now.response_started;
}

bool ServerSide::takes_turns() {
  const backends::BalanceMethod method = settings().method;
  return (method == backends::BalanceMethod::kRoundRobin ||
          method == backends::BalanceMethod::kRandomOfTwo) &&
         persistence_.preferred() != admission_.server() && orders_.assigned != admission_.server() &&
         backend_->has_untried(tried_);
}

bool ServerSide::may_retry_now(Code code) {
  const backends::RetrySettings& retry = settings().retry;
  return may_retry(retry, code, attempt()) &&
         backend_->retry_budget().has_room(retry.budget_percent, context_.loop.now());
}

bool ServerSide::pays_for_retry() {
  if (backend_->retry_budget().take(settings().retry.budget_percent, context_.loop.now())) return true;
  backend_->counters().retries_denied.add();
  return false;
}

bool ServerSide::is_asked_again(int status) {
  const backends::RetrySettings& retry = settings().retry;
  // Most backends list none, and whether there is another server takes a look at all of them.
  return retry.statuses.any() && may_retry_status(retry, status, attempt()) && pays_for_retry();
}

void ServerSide::retry(bool takes_tried) {
  takes_tried_ = takes_tried;
  timer_.stop();
  staying_at_.reset();
  if (!goes_elsewhere(settings().retry, attempts_, takes_turns())) staying_at_ = admission_.server();
  admission_.release();
  backend_->counters().retries.add();
  frontend_counters().retries.add();
  events_.on_retry();
  times_.disconnected();
  pauses_ = pauses_ && staying_at_;
  if (!pauses_) {
    try_next_server();
    return;
  }
  // What has just refused a connection is hardly ready yet.
  const backends::Server& server = *settings().servers[*staying_at_];
  expect(std::min<Duration>(kPauseBeforeSame, server.connect_timeout));
}

}  // namespace reseal::proxy
