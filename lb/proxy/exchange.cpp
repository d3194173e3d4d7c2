#include "lb/proxy/exchange.h"

#include "lb/base/text.h"
#include "lb/proxy/grpc_status.h"
#include "lb/proxy/local_reply.h"
#include "lb/proxy/page_reply.h"

namespace reseal::proxy {
namespace {

// How long a WebSocket's server may take to answer the Close behind which its client has ended (Chromium ends its
// HTTP/2 stream with it). Told of that end at once, it would lose the answer: to many servers an end of TLS is one of
// both directions, and RFC 6455 7.1.1 leaves the first end to them.
constexpr std::chrono::seconds kClosingHandshake{2};

// How often a slow body is looked at where others may wait for its place.
constexpr Duration kLook{1000};

constexpr int kInternalError = 500;

constexpr Error kTooSlow{Code::kClientTimeout,
                         Origin::kClient,
                         "the request body came slowly, and others waited for its place",
                         0,
                         0,
                         0};

/// About as HAProxy counts them.
std::uint64_t head_bytes(const http::MessageHead& head) {
  std::uint64_t bytes = 0;
  for (const http::Field& field : head.fields) bytes += field.name.size() + field.value.size() + 4;
  return bytes;
}

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
  rules_.begin_tracking(frontend, client, context_.loop.now());
  account_.begin(frontend, client, request_);
  server_side_.begin();
  body_pace_.begin();
  if (frontend.is_tcp) {
    body_.begin_raw(frontend.timeouts.inspect);
  } else {
    body_.begin(request_.framing);
  }
  state_ = State::kAsking;
  if (context_.draining || frontend.one_request) writer.close_after_response();
}

void Exchange::start(const Frontend& frontend, const ClientFacts& client, ExchangeOwner& owner,
                     http::ResponseWriter& writer) {
  begin(frontend, client, owner, writer);
  const RoutingTable& table = generation_->table();
  const auto judged =
      rules_.judge(frontend, client, context_.request_ids, request_,
                   RuleScope{table, context_.random, context_.loop.now(), account_.captures().request,
                             &account_.capture_slots(), &body_.view()});
  if (!judged) {
    answer_error(judged.error());
    return;
  }
  this->judged();
}

void Exchange::refuse(const Frontend& frontend, const ClientFacts& client, const Error& error,
                      ExchangeOwner& owner, http::ResponseWriter& writer) {
  begin(frontend, client, owner, writer);
  answer_error(error);
}

// ---- from the client

const http::CompressionPolicy* Exchange::compression_policy() const {
  const auto& of_backend = server_side_.settings().compression;
  return of_backend != nullptr ? of_backend.get() : frontend_->compression.get();
}

Duration Exchange::idle_timeout() const {
  if (state_ == State::kTunnel) return tunnel_.idle_timeout();
  return rules_.idle_timeout(server_side_.settings().idle_timeout);
}

void Exchange::expect_client() {
  if (state_ == State::kTunnel) return;
  body_pace_.wait(context_.loop.now());
  start_client_timer();
}

void Exchange::start_client_timer() {
  Duration within = frontend_->timeouts.request_body;
  // Where others may wait for its place, whether they do is looked at meanwhile, in equal parts of that time.
  if (server_side_.backend()->is_limited() && within > kLook) within /= (within - Duration(1)) / kLook + 1;
  context_.loop.start_timer(client_timer_, within);
}

void Exchange::pause_client_clock() {
  body_pace_.pause(context_.loop.now());
  client_timer_.stop();
}

bool Exchange::holds_up_others() const {
  return state_ == State::kAsking && server_side_.is_waited_for() &&
         body_pace_.is_slow(account_.request_bytes, server_side_.settings().body_rate,
                            frontend_->timeouts.request_body, context_.loop.now());
}

void Exchange::take_request_body() {
  expect_client();
  client_side_->resume_request_body();
  if (!is_over()) owner_->on_exchange_flow();
}

void Exchange::on_request_body(std::string_view data) {
  if (is_over() || state_ == State::kHeld) return;
  account_.request_bytes += data.size();
  if (state_ == State::kBody) {
    buffer_body(data);
    return;
  }
  if (state_ == State::kTunnel) {
    server_side_.expect(idle_timeout());
  } else if (!rules_.allows_body(account_.request_bytes)) {
    on_request_failed(kTooLarge);
    return;
  } else if (holds_up_others()) {
    on_request_failed(kTooSlow);
    return;
  } else {
    expect_client();
  }
  if (!server_side_.send_body(data)) hold_client_back();
}

void Exchange::hold_client_back() {
  pause_client_clock();
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
  if (is_over() || state_ == State::kHeld) return;
  client_timer_.stop();
  if (state_ == State::kPage) return;  // nobody gets it
  if (state_ == State::kBody) {
    body_.complete();
    end_buffering();
    return;
  }
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
    // The server must hear of the end before a half-closed tunnel has had its time.
    context_.loop.start_timer(client_timer_, std::min<Duration>(kClosingHandshake, idle_timeout() / 2));
  } else {
    server_side_.writer().send_end({});
  }
  // A client that does not read has a clock of its own.
  if (!client_side_->is_backed_up()) server_side_.expect(idle_timeout());
}

void Exchange::on_client_timeout() {
  if (state_ == State::kHeld) {
    state_ = State::kAsking;
    answer_by_rule();
    return;
  }
  if (state_ == State::kTunnel) {
    server_side_.writer().send_end({});
    return;
  }
  if (state_ == State::kBody) {
    if (frontend_->is_tcp) {
      body_.end_inspection();
      end_buffering();
      return;
    }
    on_request_failed(
        {Code::kClientTimeout, Origin::kClient, "the request body did not arrive in time", 0, 0, 0});
    return;
  }
  if (holds_up_others()) {
    on_request_failed(kTooSlow);
  } else if (body_pace_.silence(context_.loop.now()) >= frontend_->timeouts.request_body) {
    on_request_failed(
        {Code::kClientTimeout, Origin::kClient, "the request body did not arrive in time", 0, 0, 0});
  } else {
    start_client_timer();
  }
}

void Exchange::on_request_failed(const Error& error) {
  if (is_over()) return;
  server_side_.cancel();
  if (is_responding() || page_.is_sending()) {
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

// ---- the end

void Exchange::answer_error(const Error& error) {
  http::ResponseWriter& writer = *client_side_;
  const std::string_view cause_header = frontend_->cause_header;
  const int denied = rules_.decision().outcome == Decision::Outcome::kDeny ? rules_.decision().status() : 0;
  const bool has_backend = server_side_.backend() != nullptr;
  const PagesToTry error_pages{
      has_backend ? generation_->table().pages_of(rules_.decision().backend) : nullptr,
      frontend_->error_pages};
  const bool grpc = is_grpc(request_);
  const bool unreachable_is_503 = frontend_->unreachable_is_503;
  const int status = error_status(error, denied, grpc, unreachable_is_503);
  const bool is_of_client =
      error.origin == Origin::kClient && error.code != Code::kNoRoute && error.code != Code::kClientGone;
  if (is_of_client) rules_.tracking().count_error(context_.loop.now());
  // The rest of an unfinished request is not waited for, and what follows could be taken for the next one.
  const http::Framing& framing = request_.framing;
  const bool is_empty = framing.kind == http::BodyKind::kLength && framing.length == 0;
  const bool has_body = framing.kind != http::BodyKind::kNone && !is_empty;
  if (has_body && !server_side_.is_request_complete() && !body_.has_all()) writer.close_after_response();
  finish(error.code, status == 0 ? kInternalError : status);
  reply_error(error, denied, error_pages,
              {rules_, request_.method, response_, writer, cause_header, grpc, unreachable_is_503});
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
  account_.close({cause, status, is_responding(), rules_, request_, response_, server_side_});
  count_tracked_bytes();
  state_ = State::kDone;
  tunnel_.close();
  page_.end();
  server_side_.end();
  client_timer_.stop();
  context_.loop.schedule_flush(*this);
  owner_->on_exchange_done();
}

void Exchange::count_tracked_bytes() {
  rules::stick::Tracking& tracking = rules_.tracking();
  if (!tracking.is_tracking()) return;
  const bool has_heads = !frontend_->is_tcp;
  tracking.count_bytes(account_.request_bytes + (has_heads ? head_bytes(request_) : 0),
                       account_.response_bytes + (has_heads ? head_bytes(response_) : 0),
                       context_.loop.now());
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
  // Not before: what rules answer may show what is tracked, and the body.
  rules_.tracking().end(context_.loop.now());
  body_.end();
  request_.reset();
  response_.reset();
  generation_.reset();
  state_ = State::kIdle;
  context_.exchanges.give_back(*this);
}

}  // namespace reseal::proxy
