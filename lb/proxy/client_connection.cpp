#include "lb/proxy/client_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lb/http/h1_server.h"
#include "lb/http/h2_server.h"
#include "lb/http/raw_server.h"
#include "tls/tls_stream.h"

namespace reseal::proxy {
namespace {

constexpr std::size_t kMostIgnored =
    std::size_t{256} * 1024;  // of one that lingers for having broken the rules

}  // namespace

void ClientConnection::begin(WorkerContext& context, std::shared_ptr<const FrontendSlot> slot,
                             std::shared_ptr<const BindSettings> bind, net::Fd fd, const net::Address& peer) {
  // Owns itself from here on: linked into the worker's list, buried by close().
  new ClientConnection(context, std::move(slot), std::move(bind), std::move(fd), peer);
}

ClientConnection::ClientConnection(WorkerContext& context, std::shared_ptr<const FrontendSlot> slot,
                                   std::shared_ptr<const BindSettings> bind, net::Fd fd,
                                   const net::Address& peer)
    : context_(context),
      slot_(std::move(slot)),
      frontend_(slot_->current),
      bind_(std::move(bind)),
      timer_(net::Timer::bind<&ClientConnection::on_timeout>(this)) {
  idle_since_ = context_.loop.now();
  context_.connections.push_back(*this);
  ++context_.connection_count;
  counters().connections.add();
  counters().open_connections.add(1);
  auto tcp = net::TcpStream::adopt(context_.loop, fd.release(), peer);
  if (frontend_->sends_probes) tcp->send_probes();
  const bool from_proxy = bind_->every_sender || bind_->proxy_senders.contains(peer);
  begin_rules(*tcp, tcp->descriptor());
  const Prelude::Opening opening = wanted_opening();
  const bool reads_prelude = from_proxy || opening != Prelude::Opening::kAny;
  const bool is_asked = frontend_->rule_set != nullptr && !frontend_->rule_set->tcp_connection.empty();
  if (reads_prelude || is_asked) {
    stream_ = std::move(tcp);
    stream_->set_events(*this);
    if (is_asked && !is_admitted(frontend_->rule_set->tcp_connection)) return;
  }
  if (reads_prelude) {
    state_ = State::kPrelude;
    prelude_ = std::make_unique<Prelude>(from_proxy, opening);
  } else {
    // It was made as a TcpStream above.
    if (is_asked) tcp.reset(static_cast<net::TcpStream*>(stream_.release()));
    begin_stream(std::move(tcp), {});
  }
  update();
}

Prelude::Opening ClientConnection::wanted_opening() const {
  if (frontend_->passthrough) return Prelude::Opening::kClientHello;
  if (bind_->tls != nullptr) return Prelude::Opening::kAny;
  return bind_->h2c ? Prelude::Opening::kHttp : Prelude::Opening::kAny;
}

void ClientConnection::begin_rules(const net::ByteStream& stream, int descriptor) {
  const RoutingTable& table = context_.generation->table();
  if (!table.has_rule_sets) return;
  if (rules_ == nullptr) {
    rules_ = std::make_unique<ConnectionRules>(context_.loop.buffers());
    rules_->set_socket({descriptor, &stream.peer(), &stream.local(), false, bind_->number, bind_->name,
                        context_.worker, false, false});
  }
  rules_->use_names(table.session_names);
  see_handshake();
}

void ClientConnection::see_handshake() {
  if (rules_ == nullptr) return;
  if (tls_ != nullptr && tls_->is_open()) rules_->set_tls(tls_->facts());
  if (prelude_ != nullptr && prelude_->has_hello() && rules_->hello() == nullptr)
    rules_->set_hello(prelude_->take_hello());
}

bool ClientConnection::is_admitted(const rules::actions::RuleList& list) {
  const ClientFacts client = facts();
  rules::expression::SampleContext context;
  context.phase = rules::expression::Phase::kConnection;
  rules_->describe(client, *frontend_, context_.random, context_.loop.now(), context);
  rules::actions::Run run{context, rules_->arena(), nullptr, nullptr, &rules_->overrides()};
  const auto verdict = list.run(run);
  client_address_.clear();  // they may have said another one
  using Kind = rules::actions::Verdict::Kind;
  if (verdict.kind == Kind::kContinue || verdict.kind == Kind::kAllow) return true;
  counters().failures[static_cast<std::size_t>(Code::kRequestDenied)].add();
  const bool is_new = &list == &frontend_->rule_set->tcp_connection;
  (is_new ? counters().refused_connections : counters().refused_sessions).add();
  close(Code::kRequestDenied);
  return false;
}

void ClientConnection::begin_stream(std::unique_ptr<net::TcpStream> tcp, std::string first) {
  if (bind_->tls != nullptr) {
    state_ = State::kHandshaking;
    auto secured = tls::TlsStream::accept(std::move(tcp), bind_->tls, std::move(first));
    tls_ = secured.get();
    stream_ = std::move(secured);
    stream_->set_events(*this);
    return;
  }
  state_ = State::kServing;
  stream_ = std::move(tcp);
  stream_->set_events(*this);
  begin_session();
  if (first.empty() || state_ != State::kServing) return;
  head_began_ = context_.loop.now();
  session_->feed(first);
}

void ClientConnection::read_prelude(std::string_view bytes) {
  const auto done = prelude_->feed(bytes);
  if (!done) {
    on_failure(done.error());
    return;
  }
  if (*done) finish_prelude();
}

void ClientConnection::finish_prelude() {
  if (rules_ != nullptr && prelude_->has_header()) rules_->note_proxy_header();
  client_address_.clear();  // rules may have looked at the proxy's
  // It was made as a TcpStream by the constructor.
  std::unique_ptr<net::TcpStream> tcp(static_cast<net::TcpStream*>(stream_.release()));
  begin_stream(std::move(tcp), prelude_->take_rest());
}

ClientConnection::~ClientConnection() = default;

void ClientConnection::begin_session() {
  see_handshake();
  if (frontend_->rule_set != nullptr && !frontend_->rule_set->tcp_session.empty() &&
      !is_admitted(frontend_->rule_set->tcp_session))
    return;
  if (rules_ != nullptr) rules_->tracking().count_session(context_.loop.now());
  if (!frontend_->is_tcp) {
    const bool http2 = tls_ != nullptr ? tls_->alpn() == "h2" : prelude_ != nullptr && prelude_->is_http2();
    if (http2) {
      session_ = std::make_unique<http::H2Server>(*stream_, *this, context_.loop.buffers(), frontend_->limits,
                                                  context_.loop.clock());
      if (context_.draining) session_->close_when_idle();
    } else {
      session_ = std::make_unique<http::H1Server>(*stream_, *this, frontend_->limits);
    }
    return;
  }
  auto raw = std::make_unique<http::RawServer>(*stream_, *this);
  http::RawServer& session = *raw;
  session_ = std::move(raw);
  const std::string_view read_name = prelude_ != nullptr ? std::string_view(prelude_->server_name()) : "";
  session.begin(tls_ != nullptr ? tls_->server_name() : read_name);
  if (prelude_ != nullptr) prelude_->forget_hello();
  if (rules_ != nullptr) rules_->forget_hello_lists();
}

stats::TrafficCounters& ClientConnection::counters() const {
  return frontend_->counters->of(context_.worker);
}

void ClientConnection::close(Code cause) {
  if (state_ == State::kClosed) return;
  if (session_ != nullptr && !knows_a_request_ && frontend_->log_policy.unheard) log_unheard();
  state_ = State::kClosed;
  timer_.stop();
  // Ends the exchanges, if there are any; nothing is written any more.
  if (session_ != nullptr)
    session_->on_connection_lost({cause, Origin::kClient, "connection closed", 0, 0, 0});
  stream_->close();
  if (rules_ != nullptr) rules_->tracking().end(context_.loop.now());
  counters().open_connections.add(-1);
  static_cast<ListNode<ConnectionTag>&>(*this).unlink();
  --context_.connection_count;
  context_.loop.bury(std::unique_ptr<Disposable>(this));
  context_.observer.on_connection_closed();
}

void ClientConnection::drain() {
  if (state_ == State::kHandshaking || state_ == State::kPrelude) {
    close();
    return;
  }
  session_->close_when_idle();
  update();
}

// ---- from the stream

void ClientConnection::on_open() {
  state_ = State::kServing;
  handshake_ = std::chrono::duration_cast<Microseconds>(context_.loop.now() - idle_since_);
  (tls_->resumed() ? counters().handshakes_resumed : counters().handshakes_full).add();
  begin_session();
  update();
}

void ClientConnection::on_data(std::string_view bytes) {
  if (state_ == State::kPrelude) {
    read_prelude(bytes);
    update();
    return;
  }
  if (state_ == State::kLingering) {  // what still comes is of no use to anybody
    ignored_ += bytes.size();
    if (session_->was_broken() && ignored_ > kMostIgnored) stream_->pause_reading();
    return;
  }
  if (!session_->is_reading_head()) head_began_ = context_.loop.now();
  session_->feed(bytes);
  update();
}

void ClientConnection::on_end() {
  peer_ended_ = true;
  if (state_ == State::kPrelude) {
    on_failure({Code::kClientGone, Origin::kClient, "the connection ended before it had begun", 0, 0, 0});
    return;
  }
  if (state_ == State::kServing) session_->on_input_end();
  update();
}

void ClientConnection::on_peer_ended_early() {
  if (state_ == State::kServing) session_->on_input_ended_early();
}

void ClientConnection::on_drained() {
  if (state_ == State::kServing) session_->on_drained();
  update();
}

void ClientConnection::on_failure(const Error& error) {
  if (state_ == State::kHandshaking || state_ == State::kPrelude) {
    handshake_failed(error.code);
    if (context_.log.enabled(Log::Level::kDebug) && context_.failure_lines.allow(context_.loop.now())) {
      context_.log.debug(fmt::format("frontend {}: client {}: {}", frontend_->name, stream_->peer().text(),
                                     tls_ != nullptr ? tls_->failure_text() : describe(error)));
    }
  }
  close();
}

void ClientConnection::handshake_failed(Code cause) {
  counters().handshake_errors.add();
  counters().failures[static_cast<std::size_t>(cause)].add();
  if (!frontend_->access_logs.empty()) log_failed_handshake(cause);
}

// ---- from the session

http::RequestEvents& ClientConnection::begin_request() {
  ++exchanges_;
  served_a_request_ = true;
  return context_.exchanges.take(context_);
}

ClientFacts ClientConnection::facts() {
  const bool told = prelude_ != nullptr && prelude_->names_client();
  const net::Address* source = told ? &prelude_->source() : &stream_->peer();
  const net::Address* destination = told ? &prelude_->destination() : &stream_->local();
  if (rules_ != nullptr && rules_->overrides().source) source = &*rules_->overrides().source;
  if (rules_ != nullptr && rules_->overrides().destination) destination = &*rules_->overrides().destination;
  const net::Address& client = *source;
  if (client_address_.empty()) client_address_ = client.host();
  const bool trusted = !frontend_->trusted_proxies.empty() &&
                       (client.family() == AF_UNIX || frontend_->trusted_proxies.contains(client));
  ClientFacts facts{client_address_, tls_ != nullptr, trusted, &client, destination};
  if (prelude_ != nullptr) facts.alpn = prelude_->alpn();
  facts.connection = rules_.get();
  if (frontend_->access_logs.empty() && !frontend_->unique_id) return facts;
  facts.head_began = head_began_;
  if (idle_since_ != TimePoint() && head_began_ > idle_since_) {
    facts.handshake_time = handshake_;
    facts.idle_time =
        std::max(std::chrono::duration_cast<Microseconds>(head_began_ - idle_since_) - handshake_,
                 Microseconds::zero());
  }
  if (tls_ != nullptr) {
    facts.tls_server_name = tls_->server_name();
    if (tls_->is_open()) {
      facts.tls_version = tls_->version();
      facts.tls_cipher = tls_->cipher();
      facts.tls_resumed = tls_->resumed();
    }
  } else if (prelude_ != nullptr) {
    facts.tls_server_name = prelude_->server_name();
  }
  return facts;
}

void ClientConnection::use_current_frontend() {
  // A reload since the last request: this one is served by the new settings.
  if (is_orphaned() || slot_->current == frontend_) return;
  frontend_ = slot_->current;
  begin_rules(*stream_, -1);  // its rules are others
}

void ClientConnection::on_request(http::RequestEvents& request, http::ResponseWriter& writer) {
  use_current_frontend();
  if (rules_ != nullptr) rules_->note_request(knows_a_request_, context_.draining);
  knows_a_request_ = true;
  http::RequestHead& head = request.request_head();
  // HTTP/1.0 without Host: the server gets an HTTP/1.1 request, which must have one (RFC 9112 3.2).
  if (head.authority.empty() && !frontend_->is_tcp) head.authority = head.arena.copy(stream_->local().text());
  auto& exchange = static_cast<Exchange&>(request);  // one of those that begin_request gave out
  if (is_orphaned()) {
    // Its head was half read when a reload removed the frontend: its routes lead into a configuration that is
    // gone.
    writer.close_after_response();
    exchange.refuse(*frontend_, facts(),
                    {Code::kNoRoute, Origin::kLocal, "the frontend was removed", 0, 0, 0}, *this, writer);
  } else {
    exchange.start(*frontend_, facts(), *this, writer);
  }
}

void ClientConnection::on_bad_request(http::RequestEvents& request, const Error& error,
                                      http::ResponseWriter& writer) {
  knows_a_request_ = true;
  use_current_frontend();
  static_cast<Exchange&>(request).refuse(*frontend_, facts(), error, *this, writer);
}

void ClientConnection::on_exchange_flow() {
  update();
}

void ClientConnection::on_exchange_done() {
  --exchanges_;
  idle_since_ = context_.loop.now();
  handshake_ = Microseconds::zero();
}

void ClientConnection::on_response_complete() {
  if (!session_->is_reading_head()) head_began_ = context_.loop.now();  // of what has been waiting meanwhile
  update();
}

void ClientConnection::on_output_end() {
  stream_->end();
}

void ClientConnection::on_output_pending() {
  context_.loop.schedule_round_flush(*this);
}

void ClientConnection::flush() {
  if (state_ != State::kServing && state_ != State::kLingering) return;
  session_->write_output();
  update();
}

void ClientConnection::on_session_done() {
  linger();
}

void ClientConnection::on_session_aborted() {
  stream_->abort();
  close();
}

}  // namespace reseal::proxy
