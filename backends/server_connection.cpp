#include "backends/server_connection.h"

#include <utility>

#include "backends/connection_pool.h"
#include "lb/http/h1_client.h"
#include "lb/http/raw_client.h"
#include "tls/server_stream.h"
#include "tls/tls_stream.h"

namespace reseal::backends {

ServerConnection::ServerConnection(net::Loop& loop, ConnectionPool& pool,
                                   std::shared_ptr<const Server> server, tls::SessionSlot* sessions,
                                   const ConnectionNeeds& needs)
    : loop_(loop),
      pool_(pool),
      server_(std::move(server)),
      timer_(net::Timer::bind<&ServerConnection::on_timeout>(this)),
      raw_(needs.raw),
      exclusive_(needs.exclusive()) {
  auto opened =
      tls::open_server_stream(loop, {.address = server_->state->address,
                                     .tls = server_->tls,
                                     .peer = &server_->peer,
                                     .sessions = sessions,
                                     .alpn = raw_ ? tls::AlpnOffer::kNone : alpn_offer(server_->protocol),
                                     .preface = needs.preface});
  stream_ = std::move(opened.stream);
  tls_ = opened.tls;
  stream_->set_events(*this);
  loop_.start_timer(timer_, server_->connect_timeout);
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
  stream_->close();
}

// ---- from the stream

void ServerConnection::on_open() {
  if (state_ != State::kConnecting) return;
  timer_.stop();
  state_ = State::kOpen;
  if (tls_ != nullptr)
    handshake_time_ = std::chrono::duration_cast<Microseconds>(loop_.now() - tls_->tcp_opened());
  if (raw_) {
    session_ = std::make_unique<http::RawClient>(*stream_, *this);
  } else {
    session_ = std::make_unique<http::H1Client>(*stream_, *this);
  }
  pool_.connection_opened(*this);
  ++users_;  // this function: whoever gives the connection back meanwhile must not find it unused
  while (free_requests() != 0) {
    Lease* lease = waiting_.front();
    if (lease == nullptr) break;
    lease->unlink();
    ++users_;
    lease->user_->on_lease_ready();
  }
  // Whoever found no room waits for a connection of its own.
  while (Lease* lease = waiting_.front()) {
    lease->unlink();
    pool_.wait_for_connection(*lease, {});
  }
  --users_;
  pool_.place(*this);
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
  }
}

// ---- from the session

http::RequestWriter& ServerConnection::open_request() {
  return session_->open_request();
}

void ServerConnection::on_output_pending() {
  loop_.schedule_flush(*this);
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
  stream_->end();
}

void ServerConnection::on_capacity_changed() {
  // An idle one is looked at when the bytes that changed it have been used.
  if (!is_idle()) pool_.place(*this);
}

// ---- time

void ServerConnection::on_timeout() {
  if (state_ == State::kConnecting) {
    connect_failed(
        {Code::kConnectTimeout, Origin::kServer, "no connection within the connect timeout", 0, 0, 0});
  } else if (is_idle()) {
    pool_.connection_closed(*this);
  }
}

void ServerConnection::connect_failed(const Error& error) {
  const std::string why = tls_ != nullptr && error.code != Code::kConnectTimeout ? tls_->failure_text() : "";
  pool_.connect_failed(*this, error, why.empty() ? describe(error) : why);
  while (Lease* lease = waiting_.front()) {
    lease->unlink();
    lease->connection_ = nullptr;
    pool_.counters().in_flight.add(-1);
    std::exchange(lease->user_, nullptr)->on_lease_failed(error);
  }
}

}  // namespace reseal::backends
