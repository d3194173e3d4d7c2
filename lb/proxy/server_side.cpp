#include "lb/proxy/server_side.h"

#include <utility>

#include "lb/base/text.h"
#include "lb/proxy/balance_key.h"
#include "lb/proxy/proxy_introduction.h"
#include "tls/tls_stream.h"

namespace reseal::proxy {
namespace {

constexpr Error kNoServerUp{
    Code::kNoServerUp, Origin::kServer, "every server of the backend is down", 0, 0, 0};

}  // namespace

ServerSide::ServerSide(WorkerContext& context, http::RequestHead& request, RequestTimes& times,
                       ServerSideEvents& events)
    : context_(context),
      request_(request),
      times_(times),
      events_(events),
      timer_(net::Timer::bind<&ServerSide::on_timeout>(this)),
      replay_(context.loop.buffers()) {}

stats::TrafficCounters& ServerSide::frontend_counters() const {
  return frontend_->counters->of(context_.worker);
}

// ---- beginning and end

void ServerSide::begin() {
  backend_ = nullptr;
  server_ = nullptr;
  tried_.clear();
  replay_.begin();
  attempts_ = 0;
  staying_at_.reset();
  orders_ = {};
  names_.clear();
  prefaces_.clear();
  was_admitted_ = takes_tried_ = redispatched_ = request_complete_ = pauses_ = false;
}

void ServerSide::choose_by(backends::LocalBackend& backend, const Frontend& frontend,
                           const ClientFacts& client) {
  backend_ = &backend;
  frontend_ = &frontend;
  backend.counters().requests.add();
  backend.counters().in_flight.add(1);
  backend.counters().last_request.set(context_.loop.now());
  backend.retry_budget().count_request(context_.loop.now());
  const backends::Backend& settings = backend.settings();
  balance_key_.reset();
  if (settings.hash.placement == backends::HashPlacement::kRendezvous)
    balance_key_ = balance_key(settings.method, settings.hash, client, request_);
}

void ServerSide::introduce(const ClientFacts& client) {
  client_port_ = client.destination != nullptr ? client.destination->port() : std::uint16_t{0};
  for (const net::ProxyForm& form : settings().proxy_forms)
    prefaces_.push_back({form, proxy_header(form, frontend_->is_tcp, client, request_)});
}

void ServerSide::name_servers(const rules::expression::SampleContext* context) {
  for (const backends::ServerName& each : settings().names) {
    auto value = context != nullptr ? each.expression.evaluate(*context, request_.arena) : std::nullopt;
    const bool is_said = value && convert(*value, rules::expression::Type::kString, request_.arena);
    // A copy: fields may be taken out before another attempt.
    names_.push_back({each.text, is_said ? request_.arena.copy(value->text) : std::string_view()});
  }
}

void ServerSide::go(const ClientFacts& client, Duration response_timeout) {
  response_timeout_ = response_timeout;
  const backends::HashSettings& hash = settings().hash;
  request_.is_last = frontend_->server_closes || frontend_->one_request || settings().one_request;
  request_.tells_last = !settings().pretends_keep_alive;
  // HAProxy's methods go by what the server gets.
  if (hash.placement != backends::HashPlacement::kRendezvous)
    balance_key_ = balance_key(settings().method, hash, client, request_, orders_.hashed);
  persistence_.begin(settings().persistence.get(), client, request_, context_.loop.now(), orders_);
  try_next_server();
}

void ServerSide::end() {
  unlink();
  leave_queue();
  timer_.stop();
  lease_.release();
  admission_.release();
  replay_.clear();
  phase_ = Phase::kNone;
}

// ---- to a server

void ServerSide::try_next_server() {
  phase_ = Phase::kConnecting;
  const backends::AdmissionWish wish{balance_key_,  preferred(),  &tried_,  needs(),
                                     was_admitted_, takes_tried_, forced(), orders_.priority};
  switch (admission_.ask(*backend_, wish)) {
    case backends::Admission::Outcome::kAdmitted:
      connect();
      return;
    case backends::Admission::Outcome::kWaiting:
      enter_queue();
      return;
    case backends::Admission::Outcome::kQueueFull:
      times_.waiting();
      events_.on_server_failed(
          {Code::kQueueFull, Origin::kServer, "every server is at its limit and the queue is full", 0, 0, 0});
      return;
    case backends::Admission::Outcome::kNoServerUp:
      events_.on_server_failed(kNoServerUp);
      return;
  }
}

std::optional<std::uint32_t> ServerSide::forced() const {
  const auto choice = insisted_on();
  // One whose name leads nowhere cannot be asked: the address that stands in for it would be this machine.
  if (choice && settings().servers[*choice]->state->unresolved) return std::nullopt;
  return choice;
}

std::optional<std::uint32_t> ServerSide::insisted_on() const {
  if (staying_at_) return staying_at_;
  if (orders_.assigned && attempts_ == 0) return orders_.assigned;
  if (persistence_.insists() && attempts_ == 0) return persistence_.preferred();
  return std::nullopt;
}

backends::ConnectionNeeds ServerSide::needs() const {
  return {.fresh = attempts_ > 0,
          .upgrade = asks_for_tunnel() && !frontend_->is_tcp,
          .raw = frontend_->is_tcp,
          .prefaces = prefaces_,
          .names = names_,
          .client_port = client_port_};
}

void ServerSide::enter_queue() {
  phase_ = Phase::kQueued;
  times_.waiting();
  backend_->counters().queued.add();
  backend_->counters().in_queue.add(1);
  expect(settings().queue_timeout);
  events_.on_server_awaited();
}

void ServerSide::leave_queue() {
  if (phase_ != Phase::kQueued) return;
  timer_.stop();
  backend_->counters().in_queue.add(-1);
}

void ServerSide::on_admission() {
  leave_queue();
  phase_ = Phase::kConnecting;
  if (admission_.outcome() == backends::Admission::Outcome::kAdmitted) {
    connect();
  } else {
    events_.on_server_failed(kNoServerUp);
  }
}

void ServerSide::connect() {
  backends::ConnectionPool& pool = backend_->pool(admission_.server());
  server_ = pool.server().state.get();
  server_address_ = pool.address_text(needs(), request_.arena);
  if (pool.server().may_end_sessions) {
    context_.withdrawable.push_back(*this);
  } else {
    unlink();
  }
  was_admitted_ = true;
  const std::string& redirect = pool.server().redirect_prefix;
  if (!redirect.empty() &&
      (request_.method == http::Method::kGet || request_.method == http::Method::kHead)) {
    pool.unreserve();
    events_.on_server_redirects(redirect);
    return;
  }
  times_.connecting(context_.loop.now());
  if (const auto error = pool.obstacle(needs())) {
    pool.unreserve();
    begin_attempt();
    fail(*error);
    return;
  }
  pool.acquire(lease_, *this, needs());
  if (!lease_.is_ready()) {
    events_.on_server_awaited();
    return;
  }
  begin_attempt();
  times_.connected(context_.loop.now(), Microseconds(0), true);
  send_request();
}

void ServerSide::begin_attempt() {
  const std::uint32_t server = admission_.server();
  if (attempts_ > 0) {
    backend_->pool(server).counters().retries.add();
    const auto kind =
        server != last_tried_ ? &stats::TrafficCounters::moved_away : &stats::TrafficCounters::repeats;
    (backend_->pool(last_tried_).counters().*kind).add();
    (backend_->counters().*kind).add();
    redispatched_ = redispatched_ || !tried_.contains(server);
  }
  ++attempts_;
  tried_.add(server);
  last_tried_ = server;
  persistence_.chosen(server);
}

void ServerSide::on_lease_crowded_out() {
  // Others took all of the connection that it waited for: the server has failed at nothing.
  admission_.release();
  try_next_server();
}

void ServerSide::on_lease_ready() {
  begin_attempt();
  times_.connected(context_.loop.now(), lease_.handshake_time(), false);
  send_request();
}

void ServerSide::on_lease_refused(const Error& error) {
  begin_attempt();
  fail(error);
}

void ServerSide::on_lease_failed(const Error& error) {
  begin_attempt();
  frontend_counters().connect_errors.add();  // server and backend: by the pool
  fail(error);
}

// ---- the request

void ServerSide::send_request() {
  phase_ = Phase::kRequesting;
  response_deadline_ = {};
  http::RequestWriter& writer = lease_.open();
  if (const std::string& field = settings().name_field; !field.empty()) {
    for (http::Field& each : request_.fields) each.drop = each.drop || equals_ignoring_case(each.name, field);
    request_.add(http::field_name(field), field, server_->name);
  }
  writer.send_head(request_, events_);
  if (phase_ != Phase::kRequesting) return;  // a raw connection is a tunnel at once
  replay_.send(writer);
  if (request_complete_) writer.send_end({});
  // Nothing of a tunnel's goes to a server that has not agreed to it.
  if (request_complete_ || asks_for_tunnel()) {
    expect_response();
  } else {
    events_.on_server_ready();
  }
}

bool ServerSide::may_be_sent_again() const {
  if (http::is_idempotent(request_.method) || settings().retry.non_idempotent) return true;
  // A server may say that it has processed nothing, for which HTTP/1 has no word.
  return lease_.pool().server().protocol != backends::ServerProtocol::kHttp1;
}

bool ServerSide::send_body(std::string_view data) {
  if (phase_ == Phase::kRequesting) {
    if (may_be_sent_again()) {
      replay_.keep(data);
    } else {
      replay_.give_up();
    }
  }
  lease_.writer().send_body(data);
  return !lease_.writer().is_backed_up();
}

void ServerSide::end_request(std::span<const http::Field> trailers) {
  request_complete_ = true;
  if (!trailers.empty()) replay_.give_up();
  if (phase_ == Phase::kConnecting || phase_ == Phase::kQueued) return;  // sent with the head
  lease_.writer().send_end(trailers);
  if (phase_ == Phase::kRequesting) expect_response();
}

std::optional<rules::expression::ServerLinkFacts> ServerSide::facts() const {
  if (!lease_.is_held()) return std::nullopt;
  rules::expression::ServerLinkFacts facts;
  facts.local = &lease_.stream().local();
  facts.peer = &lease_.stream().peer();
  const tls::TlsStream* tls = lease_.tls();
  if (tls != nullptr)
    facts.tls = {tls->version(), tls->cipher(), tls->alpn(), tls->key_bits(), tls->resumed()};
  const bool is_http2 =
      tls != nullptr ? facts.tls->alpn == "h2" : chosen().protocol == backends::ServerProtocol::kH2;
  if (!frontend_->is_tcp) facts.http_major = is_http2 ? 2 : 1;
  return facts;
}

}  // namespace reseal::proxy
