#include "backends/connection_pool.h"

#include <fmt/format.h>

#include <utility>

#include "backends/passive_health.h"

namespace reseal::backends {
namespace {

constexpr Duration kRepeatedFailureLogInterval{10000};

}  // namespace

Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), connection_(std::exchange(other.connection_, nullptr)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
  if (this != &other) {
    release();
    pool_ = std::exchange(other.pool_, nullptr);
    connection_ = std::exchange(other.connection_, nullptr);
  }
  return *this;
}

bool Lease::is_ready() const {
  return connection_->state() == ServerConnection::State::kBusy;
}

void Lease::release() {
  if (connection_ == nullptr) return;
  ServerConnection& connection = *std::exchange(connection_, nullptr);
  pool_->give_back(connection,
                   connection.state() == ServerConnection::State::kBusy && connection.session().reusable());
}

void Lease::abandon() {
  if (connection_ != nullptr) pool_->give_back(*std::exchange(connection_, nullptr), false);
}

ConnectionPool::ConnectionPool(const PoolServices& services, std::shared_ptr<const Server> server)
    : services_(services), server_(std::move(server)) {}

ConnectionPool::~ConnectionPool() {
  retire();
  while (ServerConnection* connection = busy_.front()) remove(*connection);
}

Lease ConnectionPool::acquire(LeaseEvents& user, bool fresh) {
  auto& counts = counters();
  counts.in_flight.add(1);
  counts.requests.add();
  if (!fresh) {
    if (ServerConnection* connection = idle_.back()) {
      --idle_count_;
      connection->timer_.stop();
      connection->state_ = ServerConnection::State::kBusy;
      busy_.push_back(*connection);
      return {*this, *connection};
    }
  }
  auto* connection = new ServerConnection(services_.loop, *this, server_, &sessions_);
  connection->user_ = &user;
  busy_.push_back(*connection);
  return {*this, *connection};
}

void ConnectionPool::give_back(ServerConnection& connection, bool reusable) {
  counters().in_flight.add(-1);
  if (connection.state() == ServerConnection::State::kClosed)
    return;  // failed while connecting: removed already
  connection.user_ = nullptr;
  if (!reusable || retired_ || idle_count_ >= server_->pool_size) {
    remove(connection);
    return;
  }
  connection.state_ = ServerConnection::State::kIdle;
  connection.stream_->resume_reading();
  idle_.push_back(connection);
  ++idle_count_;
  services_.loop.start_timer(connection.timer_, server_->pool_idle);
}

void ConnectionPool::connection_opened(ServerConnection& connection, bool tls_resumed) {
  for (stats::TrafficCounters* counts : {&counters(), &backend_counters()}) {
    counts->connections.add();
    counts->open_connections.add(1);
    if (connection.tls_ != nullptr)
      (tls_resumed ? counts->handshakes_resumed : counts->handshakes_full).add();
  }
  note_connected(*server_->state);
  logged_code_ = Code::kOk;
}

void ConnectionPool::connect_failed(ServerConnection& connection, const Error& error,
                                    const std::string& why) {
  for (stats::TrafficCounters* counts : {&counters(), &backend_counters()}) {
    counts->connect_errors.add();
    if (connection.tls_ != nullptr && error.code != Code::kConnectFailed) counts->handshake_errors.add();
  }
  log_failure(error, why);
  if (error.origin == Origin::kServer) passive_connect_failed(why);
  remove(connection);
}

void ConnectionPool::connection_closed(ServerConnection& connection) {
  --idle_count_;
  remove(connection);
}

void ConnectionPool::remove(ServerConnection& connection) {
  if (connection.state() != ServerConnection::State::kConnecting &&
      connection.state() != ServerConnection::State::kClosed) {
    counters().open_connections.add(-1);
    backend_counters().open_connections.add(-1);
  }
  connection.unlink();
  connection.close();
  services_.loop.bury(std::unique_ptr<Disposable>(&connection));
}

void ConnectionPool::retire() {
  retired_ = true;
  while (ServerConnection* connection = idle_.front()) connection_closed(*connection);
}

void ConnectionPool::log_failure(const Error& error, const std::string& why) {
  const TimePoint now = services_.loop.now();
  if (error.code == logged_code_ && now - logged_at_ < kRepeatedFailureLogInterval) {
    ++unlogged_;
    return;
  }
  std::string text =
      fmt::format("server {}: {}; no request was sent to it on this connection", server_->state->text(), why);
  if (unlogged_ != 0) text += fmt::format(" ({} further failures since the last line)", unlogged_);
  services_.log.warn(text);
  logged_code_ = error.code;
  logged_at_ = now;
  unlogged_ = 0;
}

}  // namespace reseal::backends
