#include "backends/server_connection.h"

#include <utility>

#include "backends/connection_pool.h"
#include "backends/server_session.h"
#include "lb/http/raw_client.h"
#include "tls/server_stream.h"
#include "tls/tls_stream.h"

namespace reseal::backends {
namespace {

std::string_view preface_in(const ConnectionNeeds& needs, const Server& server) {
  return server.send_proxy ? needs.preface(*server.send_proxy) : std::string_view();
}

}  // namespace

ServerConnection::ServerConnection(net::Loop& loop, ConnectionPool& pool,
                                   std::shared_ptr<const Server> server, tls::SessionSlot* sessions,
                                   const ConnectionNeeds& needs, const ConnectionKey& key)
    : loop_(loop),
      pool_(pool),
      server_(key.name.empty() ? std::move(server) : server->by_name(key.name)),
      name_(key.name),
      port_(key.port),
      timer_(net::Timer::bind<&ServerConnection::on_timeout>(this)),
      address_version_(server_->state->address.version()),
      raw_(needs.raw),
      for_upgrade_(needs.upgrade),
      exclusive_(needs.raw || server_->send_proxy.has_value()) {
  const net::Address address = server_->state->address.get();
  auto opened = tls::open_server_stream(loop, {.address = port_ ? address.with_port(*port_) : address,
                                               .socket = server_->state->address.socket(),
                                               .tls = server_->tls,
                                               .peer = &server_->peer,
                                               .sessions = sessions,
                                               .alpn = offer(),
                                               .preface = preface_in(needs, *server_),
                                               .source = server_->source});
  stream_ = std::move(opened.stream);
  tls_ = opened.tls;
  stream_->set_events(*this);
  if (net::TcpStream* const tcp = stream_->plain(); server_->sends_probes && tcp != nullptr)
    tcp->send_probes();
  loop_.start_timer(timer_, server_->connect_timeout);
}

tls::AlpnOffer ServerConnection::offer() const {
  if (raw_) return tls::AlpnOffer::kNone;
  // As browsers do: an upgrade is HTTP/1.1's own unless the server is known to speak HTTP/2 only.
  const bool prefers_http1 = for_upgrade_ && server_->protocol == ServerProtocol::kNegotiated;
  return prefers_http1 ? tls::AlpnOffer::kHttp1 : alpn_offer(server_->protocol);
}

ServerConnection::~ServerConnection() {
  close();
}

std::uint32_t ServerConnection::free_requests() const {
  return state_ == State::kOpen && !suspect_ ? session_->free_requests() : 0;
}

void ServerConnection::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  timer_.stop();
  if (stream_ != nullptr) stream_->close();
}

// ---- users

void ServerConnection::add(Lease& lease) {
  lease.connection_ = this;
  ++users_;
}

void ServerConnection::remove(Lease& lease) {
  lease.unlink();
  lease.connection_ = nullptr;
  --users_;
}

// ---- from the stream

void ServerConnection::on_open() {
  if (state_ != State::kConnecting) return;
  if (tls_ != nullptr)
    handshake_time_ = std::chrono::duration_cast<Microseconds>(loop_.now() - tls_->tcp_opened());
  if (raw_) {
    session_ = std::make_unique<http::RawClient>(*stream_, *this);
  } else {
    session_ = make_session(server_->protocol, tls_, loop_, *stream_, *this);
  }
  if (session_ == nullptr) {
    connect_failed(
        {Code::kServerTlsFailed, Origin::kServer, "the server does not agree to h2 (ALPN)", 0, 0, 0});
    return;
  }
  state_ = State::kOpen;
  // The preface of HTTP/2: a server need not say its SETTINGS before it, and who waits for those asks for no output.
  on_output_pending();
  pool_.connection_opened(*this);
  is_serving_ = true;
  serve_waiting();
  send_waiting_elsewhere();
  end_serving();
}

void ServerConnection::end_serving() {
  is_serving_ = false;
  if (state_ != State::kOpen) return;
  if (waiting_.empty()) timer_.stop();
  pool_.place(*this);
}

void ServerConnection::serve_waiting() {
  for (Lease* lease = waiting_.front(); lease != nullptr && free_requests() != 0;) {
    if (lease->needs_upgrade_ && !session_->can_upgrade()) {
      lease = waiting_.next(*lease);
      continue;
    }
    lease->unlink();
    lease->user_->on_lease_ready();
    lease = waiting_.front();  // anything may have happened meanwhile
  }
}

void ServerConnection::send_waiting_elsewhere() {
  for (Lease* lease = waiting_.front(); lease != nullptr;) {
    if (lease->needs_upgrade_) {
      lease = waiting_.next(*lease);
      continue;
    }
    remove(*lease);
    pool_.wait_for_another(*lease, key());
    lease = waiting_.front();
  }
}

void ServerConnection::on_data(std::string_view bytes) {
  if (state_ != State::kOpen) return;
  const bool was_idle = is_idle();
  session_->feed(bytes);
  // Bytes nobody asked for, on an idle connection, could be taken for the next response: the session has no room
  // for a request any more.
  if (was_idle && is_idle() && free_requests() == 0) {
    pool_.connection_closed(*this);
    return;
  }
  on_reading_changed();
}

void ServerConnection::on_end() {
  if (state_ == State::kConnecting) {
    connect_failed({Code::kConnectFailed, Origin::kServer, "closed by the server while connecting", 0, 0, 0});
  } else if (is_idle()) {
    pool_.connection_closed(*this);
  } else {
    session_->on_input_end();
    fail_waiting({Code::kServerClosed, Origin::kServer, "closed by the server", 0, 0, 0});
  }
}

void ServerConnection::on_drained() {
  if (state_ == State::kOpen) session_->on_drained();
}

void ServerConnection::on_failure(const Error& error) {
  if (state_ == State::kConnecting) {
    connect_failed(error);
  } else if (is_idle()) {
    pool_.connection_closed(*this);
  } else {
    session_->on_connection_lost(error);
    fail_waiting(error);
  }
}

// ---- from the session

http::RequestWriter& ServerConnection::open_request() {
  return session_->open_request();
}

void ServerConnection::on_output_pending() {
  loop_.schedule_round_flush(*this);
}

void ServerConnection::flush() {
  if (state_ == State::kOpen) session_->write_output();
}

void ServerConnection::on_reading_changed() {
  if (state_ != State::kOpen) return;
  if (session_->wants_pause()) {
    stream_->pause_reading();
  } else {
    stream_->resume_reading();
  }
}

void ServerConnection::on_output_end() {
  output_ended_ = true;
  stream_->end();
}

void ServerConnection::on_capacity_changed() {
  // An idle one is looked at when the bytes that changed it have been used.
  if (is_idle()) return;
  is_serving_ = true;
  serve_waiting();
  fail_waiting(
      {Code::kServerCannotUpgrade, Origin::kServer, "the server takes no tunnels over HTTP/2", 0, 0, 0});
  end_serving();
}

// ---- time

void ServerConnection::on_timeout() {
  if (is_idle()) {
    pool_.connection_closed(*this);
    return;
  }
  const Error late{
      Code::kConnectTimeout, Origin::kServer, "no connection within the connect timeout", 0, 0, 0};
  if (state_ == State::kConnecting) {
    connect_failed(late);
  } else {
    fail_waiting(late);
  }
}

void ServerConnection::connect_failed(const Error& error) {
  const bool tls_failed = tls_ != nullptr && !tls_->is_open() && error.code != Code::kConnectTimeout;
  const std::string why = tls_failed ? tls_->failure_text() : "";
  Error told = error;
  // Some servers end the connection where others send an alert to a name that they do not know.
  const bool in_handshake = tls_failed && tls_->tcp_opened() != TimePoint();
  if (in_handshake && !name_.empty() && error.origin == Origin::kServer && !is_of_handshake(error.code))
    told.code = Code::kServerTlsFailed;
  pool_.connect_failed(*this, told, why.empty() ? describe(told) : why);
  fail_waiting(told);
}

void ServerConnection::fail_waiting(const Error& error) {
  while (Lease* lease = waiting_.front()) {
    LeaseEvents& user = *lease->user_;
    lease->release();
    if (session_ == nullptr) {
      user.on_lease_failed(error);
    } else {
      user.on_lease_refused(error);
    }
  }
}

}  // namespace reseal::backends
