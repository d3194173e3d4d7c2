#include "backends/server_connection.h"

#include <utility>

#include "backends/connection_pool.h"
#include "tls/server_stream.h"

namespace reseal::backends {

ServerConnection::ServerConnection(net::Loop& loop, ConnectionPool& pool,
                                   std::shared_ptr<const Server> server, tls::SessionSlot* sessions)
    : loop_(loop),
      pool_(pool),
      server_(std::move(server)),
      timer_(net::Timer::bind<&ServerConnection::on_timeout>(this)) {
  auto opened =
      tls::open_server_stream(loop, server_->state->address, server_->tls, &server_->peer, sessions);
  stream_ = std::move(opened.stream);
  tls_ = opened.tls;
  stream_->set_events(*this);
  session_ = std::make_unique<http::H1Client>(*stream_);
  loop_.start_timer(timer_, server_->connect_timeout);
}

ServerConnection::~ServerConnection() {
  close();
}

void ServerConnection::update_reading() {
  if (state_ == State::kClosed) return;
  if (session_->wants_pause()) {
    stream_->pause_reading();
  } else {
    stream_->resume_reading();
  }
}

void ServerConnection::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  timer_.stop();
  session_->cancel();
  stream_->close();
}

void ServerConnection::on_open() {
  if (state_ != State::kConnecting) return;
  timer_.stop();
  state_ = State::kBusy;
  pool_.connection_opened(*this, tls_ != nullptr && tls_->resumed());
  if (LeaseEvents* user = std::exchange(user_, nullptr)) user->on_lease_ready();
}

void ServerConnection::on_data(std::string_view bytes) {
  // Bytes nobody asked for, on an idle connection, could be taken for the next response: the connection is
  // spoilt.
  if (state_ == State::kIdle) {
    pool_.connection_closed(*this);
    return;
  }
  session_->feed(bytes);
  update_reading();
}

void ServerConnection::on_end() {
  if (state_ == State::kIdle) {
    pool_.connection_closed(*this);
  } else if (state_ == State::kConnecting) {
    connect_failed({Code::kConnectFailed, Origin::kServer, "closed by the server while connecting", 0, 0, 0});
  } else {
    session_->on_input_end();
  }
}

void ServerConnection::on_drained() {
  if (state_ == State::kBusy) session_->on_drained();
}

void ServerConnection::on_failure(const Error& error) {
  if (state_ == State::kConnecting) {
    connect_failed(error);
  } else if (state_ == State::kIdle) {
    pool_.connection_closed(*this);
  } else {
    session_->on_connection_lost(error);
  }
}

void ServerConnection::on_timeout() {
  if (state_ == State::kConnecting) {
    connect_failed(
        {Code::kConnectTimeout, Origin::kServer, "no connection within the connect timeout", 0, 0, 0});
  } else if (state_ == State::kIdle) {
    pool_.connection_closed(*this);
  }
}

void ServerConnection::connect_failed(const Error& error) {
  const std::string why = tls_ != nullptr && error.code != Code::kConnectTimeout ? tls_->failure_text() : "";
  LeaseEvents* user = std::exchange(user_, nullptr);
  pool_.connect_failed(*this, error, why.empty() ? describe(error) : why);
  if (user != nullptr) user->on_lease_failed(error);
}

}  // namespace reseal::backends
