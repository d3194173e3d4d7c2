#include "lb/proxy/exchange.h"

#include "lb/base/text.h"
#include "lb/http/sanitize.h"
#include "lb/proxy/grpc_status.h"
#include "lb/proxy/local_reply.h"

namespace reseal::proxy {
namespace {

// How long a WebSocket's server may take to answer the Close behind which its client has ended (Chromium ends its
// HTTP/2 stream with it). Told of that end at once, it would lose the answer: to many servers an end of TLS is one of
// both directions, and RFC 6455 7.1.1 leaves the first end to them.
constexpr std::chrono::seconds kClosingHandshake{2};

constexpr int kInternalError = 500;

constexpr Error kTooLarge{
    Code::kBodyTooLarge, Origin::kClient, "the body is larger than max_body_size", 0, 0, 0};

}  // namespace

Exchange::Exchange(WorkerContext& context)
    : context_(context),
      request_(context.loop.buffers()),
      response_(context.loop.buffers()),
      account_(context),
      server_side_(context, request_, account_.times, *this),
      compression_(context.encoders),
      client_timer_(net::Timer::bind<&Exchange::on_client_timeout>(this)) {}

// ---- beginning

void Exchange::begin(const Frontend& frontend, const ClientFacts& client, ExchangeOwner& owner,
                     http::ResponseWriter& writer) {
  generation_ = GenerationPin(*context_.generation);
  frontend_ = &frontend;
  owner_ = &owner;
  client_side_ = &writer;
  rules_.reset();
  account_.begin(frontend, client, request_);
  server_side_.begin();
  state_ = State::kAsking;
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
  server_side_.choose_by(generation_->backend(rules_.decision().backend), frontend, client);
  const backends::Backend& backend = server_side_.settings();
  if (!frontend.is_tcp) {
    const auto prepared = rules_.prepare_request(frontend, client, backend.name, request_);
    if (!prepared) {
      answer_error(prepared.error());
      return;
    }
  }
  server_side_.go(client, rules_.response_timeout(backend.response_timeout));
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

// ---- from the client

Duration Exchange::idle_timeout() const {
  if (state_ == State::kTunnel) return tunnel_.idle_timeout();
  return rules_.idle_timeout(server_side_.settings().idle_timeout);
}

void Exchange::expect_client() {
  if (state_ != State::kTunnel) context_.loop.start_timer(client_timer_, frontend_->timeouts.request_body);
}

void Exchange::take_request_body() {
  expect_client();
  client_side_->resume_request_body();
  if (!is_over()) owner_->on_exchange_flow();
}

void Exchange::on_request_body(std::string_view data) {
  if (is_over()) return;
  account_.request_bytes += data.size();
  if (state_ == State::kTunnel) {
    server_side_.expect(idle_timeout());
  } else if (rules_.allows_body(account_.request_bytes)) {
    expect_client();
  } else {
    on_request_failed(kTooLarge);
    return;
  }
  if (server_side_.send_body(data)) return;
  client_timer_.stop();
  client_side_->pause_request_body();
  if (state_ == State::kAsking) server_side_.expect(idle_timeout());
  owner_->on_exchange_flow();
}

void Exchange::on_request_drained() {
  if (is_over() || is_request_complete()) return;
  // The client is waited for now; a response that is under way already keeps its own time.
  if (state_ == State::kAsking) server_side_.pause_clock();
  take_request_body();
}

void Exchange::on_request_end(std::span<http::Field> trailers) {
  if (is_over()) return;
  client_timer_.stop();
  if (state_ == State::kTunnel) {
    client_ended_tunnel();
  } else {
    rules_.prepare_request_trailers(trailers);
    server_side_.end_request(trailers);
  }
}

void Exchange::client_ended_tunnel() {
  tunnel_.end_client();
  if (tunnel_.has_server_ended()) {
    server_side_.writer().send_end({});
    finish(Code::kOk, response_.status);
    return;
  }
  if (equals_ignoring_case(request_.upgrade, "websocket")) {
    context_.loop.start_timer(client_timer_, kClosingHandshake);
  } else {
    server_side_.writer().send_end({});
  }
  // A client that does not read has a clock of its own.
  if (!client_side_->is_backed_up()) server_side_.expect(idle_timeout());
}

void Exchange::on_client_timeout() {
  if (state_ == State::kTunnel) {
    server_side_.writer().send_end({});
    return;
  }
  on_request_failed(
      {Code::kClientTimeout, Origin::kClient, "the request body did not arrive in time", 0, 0, 0});
}

void Exchange::on_request_failed(const Error& error) {
  if (is_over()) return;
  server_side_.cancel();
  if (is_responding()) {
    cut_off(error.code, response_.status);
  } else {
    answer_error(error);
  }
}

void Exchange::on_client_ended() {
  // Nobody who only ends the sending side waits in a queue for long; most who end it have closed the connection.
  if (server_side_.phase() == ServerSide::Phase::kQueued) cut_off(Code::kClientGone, 0);
}

void Exchange::on_client_gone(const Error& error) {
  if (is_over()) return;
  server_side_.cancel();
  finish(error.origin == Origin::kClient ? error.code : Code::kClientGone, 0);
}

// ---- from the server

void Exchange::on_server_ready() {
  take_request_body();
}

void Exchange::on_retry() {
  client_timer_.stop();
  // Body bytes that were taken are kept to be sent again; no more until there is somewhere to put them.
  if (!is_request_complete()) client_side_->pause_request_body();
}

void Exchange::on_informational(http::ResponseHead& head) {
  if (is_over()) return;
  http::drop_hop_by_hop(head);
  rules_.prepare_beside_response(head.fields);
  server_side_.persistence().prepare_interim(head);
  client_side_->send_informational(head);
}

void Exchange::on_response_head(http::ResponseHead& head) {
  if (is_over() || !server_side_.take_response(head)) return;
  http::drop_hop_by_hop(head);
  rules_.prepare_response(head);
  server_side_.persistence().answered(head, context_.loop.now());
  if (head.framing.kind == http::BodyKind::kTunnel) {
    open_tunnel();
    return;
  }
  state_ = State::kResponding;
  const backends::Backend& backend = server_side_.settings();
  compression_.begin(backend.compression.get(), request_, head, *client_side_,
                     server_side_.backend()->counters());
  client_side_->send_head(head);
  server_side_.expect(idle_timeout());
}

void Exchange::open_tunnel() {
  state_ = State::kTunnel;
  tunnel_.open(server_side_.settings().tunnel_timeouts);
  client_side_->send_head(response_);
  server_side_.expect(idle_timeout());
  take_request_body();
}

void Exchange::on_response_body(std::string_view data) {
  if (is_over()) return;
  if (compression_.is_on()) {
    send_compressed(data);
  } else {
    account_.response_bytes += data.size();
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
  server_side_.fail({Code::kInternal, Origin::kLocal, "the response could not be compressed", 0, 0, 0});
}

void Exchange::look_at_client() {
  if (client_side_->is_backed_up()) {
    server_side_.pause_clock();  // the client is what is waited for
    server_side_.writer().pause_response();
    owner_->on_exchange_flow();
  } else {
    server_side_.expect(idle_timeout());
  }
}

void Exchange::on_response_drained() {
  if (!is_responding()) return;
  server_side_.expect(idle_timeout());
  if (state_ == State::kTunnel && tunnel_.has_server_ended()) return;
  server_side_.writer().resume_response();
}

void Exchange::on_response_end(std::span<http::Field> trailers) {
  if (is_over()) return;
  http::ResponseWriter& writer = *client_side_;
  if (state_ == State::kTunnel && !tunnel_.has_client_ended()) {
    tunnel_.end_server();
    if (!writer.is_backed_up()) server_side_.expect(idle_timeout());
    writer.send_end({});
    return;
  }
  if (compression_.is_on() && !compression_.finish_body()) {
    compression_failed();
    return;
  }
  rules_.prepare_beside_response(trailers);
  // The writer comes last: ending the response may begin the next request of this client, which may take the
  // very connection that is given back here.
  finish(Code::kOk, response_.status);
  writer.send_end(trailers);
}

void Exchange::on_response_failed(const Error& error) {
  if (!is_over()) server_side_.response_failed(error);
}

void Exchange::on_server_timeout() {
  if (state_ == State::kTunnel) {
    // Nobody's failure: neither side has sent anything for too long.
    server_side_.cancel();
    cut_off(Code::kTunnelTimeout, response_.status);
    return;
  }
  server_side_.response_failed(
      {Code::kServerTimeout, Origin::kServer,
       state_ == State::kResponding ? "the response stopped midway" : "no response in time", 0, 0, 0});
}

void Exchange::on_server_failed(const Error& error) {
  if (is_responding()) {
    cut_off(error.code, response_.status);
  } else {
    answer_error(error);
  }
}

// ---- the end

void Exchange::answer_error(const Error& error) {
  http::ResponseWriter& writer = *client_side_;
  const std::string_view cause_header = frontend_->cause_header;
  const int denied = rules_.decision().outcome == Decision::Outcome::kDeny ? rules_.decision().rule->deny : 0;
  const ErrorPages& error_pages = frontend_->error_pages;
  const bool grpc = is_grpc(request_);
  const int status = error_status(error, denied, grpc);
  // The rest of an unfinished request is not waited for, and what follows could be taken for the next one.
  const bool has_body = request_.framing.kind != http::BodyKind::kNone;
  if (has_body && !server_side_.is_request_complete()) writer.close_after_response();
  finish(error.code, status == 0 ? kInternalError : status);
  reply_error(error, denied, error_pages, {rules_, request_.method, response_, writer, cause_header, grpc});
}

/// The client must notice that there is no complete response.
void Exchange::cut_off(Code cause, int status) {
  http::ResponseWriter& writer = *client_side_;
  finish(cause, status);
  writer.abort();
}

void Exchange::finish(Code cause, int status) {
  if (compression_.is_on()) account_.response_bytes = compression_.bytes_out();
  compression_.end();
  account_.close({cause, status, is_responding(), request_, response_, server_side_});
  state_ = State::kDone;
  server_side_.end();
  client_timer_.stop();
  context_.loop.schedule_flush(*this);
  owner_->on_exchange_done();
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
