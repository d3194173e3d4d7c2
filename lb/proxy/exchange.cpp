#include "lb/proxy/exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "backends/hash.h"
#include "lb/base/text.h"
#include "lb/http/sanitize.h"
#include "lb/proxy/error_policy.h"
#include "lb/proxy/local_reply.h"

namespace reseal::proxy {
namespace {

constexpr std::size_t kMostReplayBytes = 64 * 1024;

// How long a WebSocket's server may take to answer the Close behind which its client has ended (Chromium ends its
// HTTP/2 stream with it). Told of that end at once, it would lose the answer: to many servers an end of TLS is one of
// both directions, and RFC 6455 7.1.1 leaves the first end to them.
constexpr std::chrono::seconds kClosingHandshake{2};

constexpr int kInternalError = 500;

constexpr Error kTooLarge{
    Code::kBodyTooLarge, Origin::kClient, "the body is larger than max_body_size", 0, 0, 0};

/// What speaks against the server. That it takes no further request on a connection, or no upgrade at all, does not.
bool is_server_error(const Error& error) {
  return error.origin == Origin::kServer && error.code != Code::kServerRefused &&
         error.code != Code::kServerCannotUpgrade;
}

}  // namespace

Exchange::Exchange(WorkerContext& context)
    : context_(context),
      request_(context.loop.buffers()),
      response_(context.loop.buffers()),
      compression_(context.encoders),
      server_timer_(net::Timer::bind<&Exchange::on_server_timeout>(this)),
      client_timer_(net::Timer::bind<&Exchange::on_client_timeout>(this)),
      replay_(context.loop.buffers()) {}

stats::TrafficCounters& Exchange::frontend_counters() const {
  return frontend_->counters->of(context_.worker);
}

// ---- beginning

void Exchange::begin(const Frontend& frontend, const ClientFacts& client, ExchangeOwner& owner,
                     http::ResponseWriter& writer) {
  generation_ = GenerationPin(*context_.generation);
  frontend_ = &frontend;
  owner_ = &owner;
  client_side_ = &writer;
  backend_ = nullptr;
  rules_.reset();
  tried_.clear();
  started_ = context_.loop.now();
  times_.begin(client.head_began, started_);
  client_ = client;
  asked_ = {request_.authority, request_.target};
  server_ = nullptr;
  redispatched_ = false;
  request_bytes_ = response_bytes_ = 0;
  attempts_ = 0;
  request_complete_ = response_ended_ = false;
  replayable_ = true;
  state_ = State::kConnecting;
  frontend_counters().requests.add();
  frontend_counters().in_flight.add(1);
  if (context_.draining) writer.close_after_response();
}

void Exchange::start(const Frontend& frontend, const ClientFacts& client, ExchangeOwner& owner,
                     http::ResponseWriter& writer) {
  begin(frontend, client, owner, writer);
  if (const auto judged = rules_.judge(frontend, client, context_.request_ids, request_); !judged) {
    answer_error(judged.error());
    return;
  }
  if (rules_.decision().outcome != Decision::Outcome::kBackend) {
    answer_by_rule();
    return;
  }
  if (request_.framing.kind == http::BodyKind::kLength && !rules_.allows_body(request_.framing.length)) {
    answer_error(kTooLarge);
    return;
  }
  backend_ = &generation_->backend(rules_.decision().backend);
  backend_->counters().requests.add();
  backend_->counters().in_flight.add(1);
  backend_->retry_budget().count_request(started_);
  balance_key_ = balance_key(client);
  prepare_preface(client);
  if (!frontend.is_tcp) {
    const auto prepared = rules_.prepare_request(frontend, client, backend_->settings().name, request_);
    if (!prepared) {
      answer_error(prepared.error());
      return;
    }
  }
  websocket_.begin(request_);
  persistence_.begin(backend_->settings().persistence.get(), client, request_, started_);
  try_next_server();
}

void Exchange::refuse(const Frontend& frontend, const ClientFacts& client, const Error& error,
                      ExchangeOwner& owner, http::ResponseWriter& writer) {
  begin(frontend, client, owner, writer);
  answer_error(error);
}

void Exchange::answer_by_rule() {
  const Decision& decision = rules_.decision();
  http::ResponseWriter& writer = *client_side_;
  const LocalReply reply{rules_, request_.method, response_, writer};
  switch (decision.outcome) {
    case Decision::Outcome::kDeny:
      answer_error({Code::kRequestDenied, Origin::kClient, "a rule denies the request", 0, 0, 0});
      return;
    case Decision::Outcome::kRedirect:
      finish(Code::kOk, decision.rule->redirect->status);
      reply_redirect(decision.rule->redirect->status, reply);
      return;
    case Decision::Outcome::kReply:
      finish(Code::kOk, decision.rule->reply->status);
      reply_static(*decision.rule->reply, reply);
      return;
    case Decision::Outcome::kNoRoute:
    case Decision::Outcome::kBackend:
      answer_error(
          {Code::kNoRoute, Origin::kClient, "no rule matches and there is no default backend", 0, 0, 0});
      return;
  }
}

void Exchange::prepare_preface(const ClientFacts& client) {
  preface_ = {};
  if (!backend_->settings().send_proxy) return;
  net::ProxyHeader header;
  header.kind = net::ProxyHeader::Kind::kProxied;
  header.source = *client.source;
  header.destination = *client.destination;
  if (frontend_->is_tcp) header.authority = request_.authority;
  preface_ = request_.arena.copy(net::write_proxy_header(header, *backend_->settings().send_proxy));
}

std::uint64_t Exchange::balance_key(const ClientFacts& client) const {
  switch (backend_->settings().method) {
    case backends::BalanceMethod::kHashSource:
      return backends::hash_bytes(client.address);
    case backends::BalanceMethod::kHashHeader:
      for (const http::Field& field : request_.fields) {
        if (equals_ignoring_case(field.name, backend_->settings().hash_header))
          return backends::hash_bytes(field.value);
      }
      // No such field: spread by source rather than sending all of them to one server.
      return backends::hash_bytes(client.address);
    default:
      return 0;
  }
}

// ---- towards the server

void Exchange::send_request() {
  state_ = State::kRequesting;
  response_deadline_ = {};
  http::RequestWriter& server_side = lease_.open();
  server_side.send_head(request_, *this);
  if (state_ != State::kRequesting) return;  // a raw connection is a tunnel at once
  for (const Chunk* chunk = replay_.chunks(); chunk != nullptr; chunk = chunk->next) {
    server_side.send_body({chunk->data + chunk->begin, chunk->end - chunk->begin});
  }
  if (request_complete_) server_side.send_end({});
  // Nothing of a tunnel's goes to a server that has not agreed to it.
  if (request_complete_ || asks_for_tunnel()) {
    expect_response();
  } else {
    take_request_body();
  }
}

void Exchange::take_request_body() {
  expect_client();
  client_side_->resume_request_body();
  if (!is_over()) owner_->on_exchange_flow();
}

void Exchange::keep_for_replay(std::string_view data) {
  if (!replayable_) return;
  const bool repeatable = http::is_idempotent(request_.method) || backend_->settings().retry.non_idempotent;
  if (repeatable && replay_.size() + data.size() <= kMostReplayBytes) {
    replay_.append(data);
    return;
  }
  replayable_ = false;
  replay_.clear();
}

void Exchange::on_request_body(std::string_view data) {
  if (is_over()) return;
  request_bytes_ += data.size();
  if (state_ != State::kTunnel && !rules_.allows_body(request_bytes_)) {
    on_request_failed(kTooLarge);
    return;
  }
  if (state_ == State::kTunnel) {
    expect_server(idle_timeout());
  } else {
    keep_for_replay(data);
    expect_client();
  }
  lease_.writer().send_body(data);
  if (lease_.writer().is_backed_up()) {
    client_timer_.stop();
    client_side_->pause_request_body();
    if (state_ == State::kRequesting) expect_server(idle_timeout());
    owner_->on_exchange_flow();
  }
}

void Exchange::on_request_drained() {
  if (is_over() || request_complete_) return;
  // The client is waited for now; a response that is under way already keeps its own time.
  if (state_ == State::kRequesting) server_timer_.stop();
  take_request_body();
}

void Exchange::on_request_end(std::span<const http::Field> trailers) {
  if (is_over()) return;
  client_timer_.stop();
  request_complete_ = true;
  if (!trailers.empty()) replayable_ = false;
  if (state_ == State::kConnecting || state_ == State::kQueued) return;  // sent with the head
  if (state_ == State::kTunnel && !response_ended_ && equals_ignoring_case(request_.upgrade, "websocket")) {
    context_.loop.start_timer(client_timer_, kClosingHandshake);
    return;
  }
  lease_.writer().send_end(trailers);
  if (state_ == State::kRequesting) expect_response();
  if (response_ended_) finish(Code::kOk, response_.status);
}

// ---- from the server

void Exchange::expect_server(Duration within) {
  context_.loop.start_timer(server_timer_, within);
}

void Exchange::expect_response() {
  const Duration within = response_timeout();
  response_deadline_ = context_.loop.now() + within;
  // Whether there will be another attempt is only known when the time of this one is over.
  expect_server(std::min(within, backend_->settings().retry.try_timeout));
}

void Exchange::expect_client() {
  if (state_ != State::kTunnel) context_.loop.start_timer(client_timer_, frontend_->timeouts.request_body);
}

void Exchange::on_informational(http::ResponseHead& head) {
  if (is_over()) return;
  http::drop_hop_by_hop(head);
  client_side_->send_informational(head);
}

void Exchange::on_response_head(http::ResponseHead& head) {
  if (is_over()) return;
  lease_.pool().count_response(head.status);
  backend_->note_response(admission_.server(), head.status);
  if (is_asked_again(head.status)) {
    lease_.release();
    retry();
    return;
  }
  if (const auto done = websocket_.answered(head); !done) {
    attempt_failed(done.error());
    return;
  }
  state_ = State::kResponding;
  times_.responding(context_.loop.now());
  replay_.clear();
  http::drop_hop_by_hop(head);
  rules_.prepare_response(head);
  persistence_.answered(head, context_.loop.now());
  if (head.framing.kind == http::BodyKind::kTunnel) {
    open_tunnel();
    return;
  }
  if (asks_for_tunnel()) request_complete_ = true;  // it was an ordinary request then
  compression_.begin(backend_->settings().compression.get(), request_, head, *client_side_,
                     backend_->counters());
  client_side_->send_head(head);
  expect_server(idle_timeout());
}

void Exchange::open_tunnel() {
  state_ = State::kTunnel;
  client_side_->send_head(response_);
  expect_server(idle_timeout());
  take_request_body();
}

void Exchange::on_response_body(std::string_view data) {
  if (is_over()) return;
  if (compression_.is_on()) {
    send_compressed(data);
  } else {
    response_bytes_ += data.size();
    client_side_->send_body(data);
    look_at_client();
  }
}

void Exchange::send_compressed(std::string_view data) {
  if (!compression_.send_body(data)) {
    compression_failed();
    return;
  }
  if (compression_.wants_flush()) context_.loop.schedule_flush(*this);
  look_at_client();
}

void Exchange::compression_failed() {
  attempt_failed({Code::kInternal, Origin::kLocal, "the response could not be compressed", 0, 0, 0});
}

void Exchange::look_at_client() {
  if (client_side_->is_backed_up()) {
    server_timer_.stop();  // the client is what is waited for
    lease_.writer().pause_response();
    owner_->on_exchange_flow();
  } else {
    expect_server(idle_timeout());
  }
}

void Exchange::on_response_drained() {
  if (!is_responding()) return;
  expect_server(idle_timeout());
  if (!response_ended_) lease_.writer().resume_response();
}

void Exchange::on_response_end(std::span<const http::Field> trailers) {
  if (is_over()) return;
  http::ResponseWriter& writer = *client_side_;
  if (state_ == State::kTunnel && !request_complete_) {
    response_ended_ = true;
    writer.send_end({});
    return;
  }
  if (compression_.is_on() && !compression_.finish_body()) {
    compression_failed();
    return;
  }
  const int status = response_.status;
  // The writer comes last: ending the response may begin the next request of this client, which may take the
  // very connection that is given back here.
  finish(Code::kOk, status);
  writer.send_end(trailers);
}

void Exchange::on_response_failed(const Error& error) {
  if (is_over()) return;
  lease_.pool().counters().response_errors.add();
  backend_->counters().response_errors.add();
  frontend_counters().response_errors.add();
  if (is_server_error(error)) backend_->note_error(admission_.server(), code_word(error.code));
  attempt_failed(error);
}

// ---- failure and end

void Exchange::log_failure(const Error& error) {
  // A connection that could not be opened was logged by its pool, with the certificate's story.
  if (state_ == State::kConnecting || !context_.failure_lines.allow(context_.loop.now())) return;
  const std::uint64_t suppressed = context_.failure_lines.take_suppressed();
  context_.log.warn(
      fmt::format("server {}: {} {}: {} (attempt {}){}", lease_.pool().server().state->text(),
                  request_.method_text, request_.path(), describe(error), attempts_,
                  suppressed != 0 ? fmt::format("; {} lines like it were not written", suppressed) : ""));
}

void Exchange::answer_error(const Error& error) {
  http::ResponseWriter& writer = *client_side_;
  const std::string_view cause_header = frontend_->cause_header;
  const int denied = rules_.decision().outcome == Decision::Outcome::kDeny ? rules_.decision().rule->deny : 0;
  const ErrorPages& error_pages = frontend_->error_pages;
  const int status = error_status(error, denied);
  // The rest of an unfinished request is not waited for, and what follows could be taken for the next one.
  if (!request_complete_ && has_request_body()) writer.close_after_response();
  finish(error.code, status == 0 ? kInternalError : status);
  reply_error(error, denied, error_pages, {rules_, request_.method, response_, writer, cause_header});
}

void Exchange::on_client_timeout() {
  if (state_ == State::kTunnel) {
    lease_.writer().send_end({});
    return;
  }
  on_request_failed(
      {Code::kClientTimeout, Origin::kClient, "the request body did not arrive in time", 0, 0, 0});
}

void Exchange::on_request_failed(const Error& error) {
  if (is_over()) return;
  lease_.release();
  if (!is_responding()) {
    answer_error(error);
    return;
  }
  http::ResponseWriter& writer = *client_side_;
  finish(error.code, response_.status);
  writer.abort();
}

void Exchange::on_client_ended() {
  // Nobody who only ends the sending side waits in a queue for long; most who end it have closed the connection.
  if (state_ != State::kQueued) return;
  http::ResponseWriter& writer = *client_side_;
  finish(Code::kClientGone, 0);
  writer.abort();
}

void Exchange::on_client_gone(const Error& error) {
  if (is_over()) return;
  lease_.release();
  finish(error.origin == Origin::kClient ? error.code : Code::kClientGone, 0);
}

void Exchange::finish(Code cause, int status) {
  leave_queue();
  if (compression_.is_on()) response_bytes_ = compression_.bytes_out();
  compression_.end();
  count_end(cause, status);
  if (!frontend_->access_logs.empty()) write_access_log(cause, status);
  state_ = State::kDone;
  server_timer_.stop();
  client_timer_.stop();
  lease_.release();
  admission_.release();
  replay_.clear();
  context_.loop.schedule_flush(*this);
  owner_->on_exchange_done();
}

void Exchange::count_end(Code cause, int status) {
  const auto status_class = static_cast<std::size_t>(status / 100);
  const auto latency = std::chrono::duration_cast<Microseconds>(context_.loop.now() - started_);
  const auto count = [&](stats::TrafficCounters& counters, bool in_flight) {
    counters.responses[status_class].add();
    counters.bytes_in.add(request_bytes_);
    counters.bytes_out.add(response_bytes_);
    if (cause != Code::kOk) counters.failures[static_cast<std::size_t>(cause)].add();
    counters.latency.record(latency);
    if (in_flight) counters.in_flight.add(-1);
  };
  count(frontend_counters(), true);
  if (backend_ != nullptr) count(backend_->counters(), true);
  // The server's in_flight belongs to the lease; what it did not answer is not counted as its response.
  if (lease_.is_held()) count(lease_.pool().counters(), false);
}

void Exchange::flush() {
  if (state_ != State::kDone) {
    if (!compression_.is_on()) return;
    if (compression_.flush()) {
      look_at_client();
    } else {
      compression_failed();
    }
    return;
  }
  request_.reset();
  response_.reset();
  generation_.reset();
  state_ = State::kIdle;
  context_.exchanges.give_back(*this);
}

}  // namespace reseal::proxy
