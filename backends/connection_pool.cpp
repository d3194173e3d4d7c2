#include "backends/connection_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "backends/passive_health.h"
#include "tls/tls_stream.h"

namespace reseal::backends {
namespace {

constexpr Duration kRepeatedFailureLogInterval{10000};
/// So many leases wait for one connection that may turn out to take them all (HTTP/2); the next one opens another.
constexpr std::uint32_t kMostWaiting = 100;

/// Where the client's port leads to; nothing: it is the server's own port, or there is none.
std::optional<std::uint16_t> port_by(const ConnectionNeeds& needs, const Server& server) {
  if (!server.port_offset) return std::nullopt;
  const int port = needs.client_port + *server.port_offset;
  if (port < 1 || port > 0xffff) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

/// It can be sent as it is and is the same to us, to OpenSSL and to the server. More is not asked: fields have a port in them.
bool is_name(std::string_view name, const Server& server) {
  constexpr std::size_t kLongest = 253;
  const auto is_visible = [](char c) { return c > ' ' && c < 0x7f; };
  // To OpenSSL a leading dot means the names of a whole domain.
  return name.size() <= kLongest && std::ranges::all_of(name, is_visible) &&
         !(server.verifies_name_of_request && name.starts_with('.'));
}

}  // namespace

ConnectionPool::ConnectionPool(const PoolServices& services, std::shared_ptr<const Server> server)
    : services_(services), server_(std::move(server)), address_version_(server_->state->address.version()) {
  if (address_version_ != 0) moved_text_ = server_->state->address.get().text();
}

ConnectionPool::~ConnectionPool() {
  retire();
  for (auto* list : {&shared_, &connecting_, &busy_}) {
    while (ServerConnection* connection = list->front()) remove(*connection);
  }
}

bool ConnectionPool::any_will_do(const ConnectionNeeds& needs) const {
  // A tunnel in HTTP/2 waits for the server's SETTINGS anyway: a connection of its own is the simple way.
  const bool special = needs.upgrade && server_->protocol != ServerProtocol::kHttp1;
  return !needs.fresh && !is_exclusive(needs) && !special;
}

bool ConnectionPool::shares_connecting(const ConnectionNeeds& needs) const {
  return server_->protocol != ServerProtocol::kHttp1 && !is_exclusive(needs) && !needs.upgrade;
}

ServerConnection* ConnectionPool::last_of(const Connections& connections, const ConnectionKey& key) const {
  ServerConnection* connection = connections.back();
  if (server_->name_of_request.empty() && !server_->port_offset) return connection;
  while (connection != nullptr && connection->key() != key) connection = connections.previous(*connection);
  return connection;
}

ConnectionKey ConnectionPool::key_of(const ConnectionNeeds& needs) const {
  return {needs.name(server_->name_of_request), port_by(needs, *server_)};
}

std::string_view ConnectionPool::address_text(const ConnectionNeeds& needs, Arena& arena) {
  const ServerAddress& address = server_->state->address;
  if (const auto port = key_of(needs).port) return arena.copy(address.get().with_port(*port).text());
  if (address.version() != address_version_) leave_old_address();
  return address_version_ == 0 ? std::string_view(address.first_text()) : arena.copy(moved_text_);
}

void ConnectionPool::leave_old_address() {
  address_version_ = server_->state->address.version();
  moved_text_ = server_->state->address.get().text();
  sessions_.forget();
  close_idle();
  for (auto* list : {&shared_, &connecting_}) {
    while (ServerConnection* connection = list->front()) busy_.push_back(*connection);
  }
}

std::optional<Error> ConnectionPool::obstacle(const ConnectionNeeds& needs) const {
  // The server would read the first bytes of the client as the header.
  if (server_->send_proxy && needs.preface(*server_->send_proxy).empty())
    return Error{Code::kInternal, Origin::kLocal, "no PROXY header was made for this server", 0, 0, 0};
  if (const std::string& asked = server_->name_of_request;
      !asked.empty() && needs.said_name(asked) == nullptr)
    return Error{Code::kInternal, Origin::kLocal, "no name was made for this server", 0, 0, 0};
  if (!is_name(needs.name(server_->name_of_request), *server_))
    return Error{Code::kBadRequest, Origin::kClient, "what it says of the server's name is none", 0, 0, 0};
  if (server_->port_offset && !port_by(needs, *server_))
    return Error{
        Code::kConnectFailed, Origin::kServer, "there is no such port as the client's and that", 0, 0, 0};
  return std::nullopt;
}

void ConnectionPool::acquire(Lease& lease, LeaseEvents& user, const ConnectionNeeds& needs) {
  if (server_->state->address.version() != address_version_) leave_old_address();
  auto& counts = counters();
  counts.in_flight.add(1);
  counts.requests.add();
  counts.last_request.set(services_.loop.now());
  lease.pool_ = this;
  lease.user_ = &user;
  lease.needs_upgrade_ = needs.upgrade;
  lease.was_idle_ = false;
  const ConnectionKey key = key_of(needs);
  ServerConnection* connection = any_will_do(needs) ? last_of(shared_, key) : nullptr;
  if (connection == nullptr && any_will_do(needs)) {
    connection = last_of(idle_, key);
    if (connection != nullptr) {
      --idle_count_;
      counts.idle_connections.add(-1);
      lease.was_idle_ = true;
      connection->timer_.stop();
    }
  }
  if (connection == nullptr) {
    wait_for_connection(lease, needs, key);
    return;
  }
  counts.reuses.add();
  backend_counters().reuses.add();
  connection->add(lease);
  const bool room_for_more = connection->free_requests() > 1;  // this lease has not opened its request yet
  (room_for_more ? shared_ : busy_).push_back(*connection);
}

void ConnectionPool::wait_for_connection(Lease& lease, const ConnectionNeeds& needs,
                                         const ConnectionKey& key) {
  ServerConnection* connection = shares_connecting(needs) ? last_of(connecting_, key) : nullptr;
  if (connection == nullptr) {
    connection = new ServerConnection(services_.loop, *this, server_, &sessions_, needs, key);
    // Nothing reserved: the configuration that the request began with has no limit.
    if (!reserved_.are_held()) reserved_ = ConnectionSlots::take_in_any_case(*server_->state);
    connection->slots_ = std::move(reserved_);
    ++size_;
    (shares_connecting(needs) ? connecting_ : busy_).push_back(*connection);
  }
  connection->add(lease);
  connection->waiting_.push_back(lease);
  if (++connection->joined_ == kMostWaiting) busy_.push_back(*connection);
}

void ConnectionPool::wait_for_another(Lease& lease, const ConnectionKey& key) {
  ConnectionNeeds needs;
  needs.fresh = true;
  if (!is_exclusive(needs) && reserve(needs, key)) {
    wait_for_connection(lease, needs, key);
    return;
  }
  counters().in_flight.add(-1);
  std::exchange(lease.user_, nullptr)->on_lease_crowded_out();
}

bool ConnectionPool::has_room(const ConnectionNeeds& needs) const {
  // An idle one that will not do makes room for one that will.
  if (ConnectionSlots::have_room(*server_->state) || !idle_.empty()) return true;
  const ConnectionKey key = key_of(needs);
  return (any_will_do(needs) && last_of(shared_, key) != nullptr) ||
         (shares_connecting(needs) && last_of(connecting_, key) != nullptr);
}

bool ConnectionPool::reserve(const ConnectionNeeds& needs, const ConnectionKey& key) {
  if (any_will_do(needs) && (last_of(idle_, key) != nullptr || last_of(shared_, key) != nullptr)) return true;
  if (shares_connecting(needs) && last_of(connecting_, key) != nullptr) return true;
  reserved_ = ConnectionSlots::take(*server_->state);
  if (!reserved_.are_held() && !idle_.empty()) {
    close_one_idle();
    reserved_ = ConnectionSlots::take(*server_->state);
  }
  return reserved_.are_held();
}

void ConnectionPool::close_idle() {
  while (ServerConnection* connection = idle_.front()) connection_closed(*connection);
}

void ConnectionPool::give_back(ServerConnection& connection, http::RequestWriter* writer, bool is_suspect) {
  counters().in_flight.add(-1);
  if (connection.state_ == ServerConnection::State::kConnecting) {
    if (connection.users_ == 0) remove(connection);
    return;
  }
  if (!connection.is_open()) return;
  const bool keeps = writer == nullptr || connection.session_->close_request(*writer);
  if (is_suspect || !keeps || connection.exclusive_) connection.suspect_ = true;
  place(connection);
}

void ConnectionPool::place(ServerConnection& connection) {
  if (!connection.is_open() || connection.is_serving_) return;
  const bool is_current = connection.address_version_ == address_version_ && !retired_;
  const bool has_room = connection.free_requests() != 0 && is_current;
  if (connection.users_ != 0) {
    (has_room ? shared_ : busy_).push_back(connection);
  } else if (connection.ends_with_output()) {
    end_in_order(connection);
  } else if (!has_room || idle_count_ >= server_->pool_size) {
    remove(connection);
  } else {
    connection.stream_->resume_reading();
    idle_.push_back(connection);
    ++idle_count_;
    counters().idle_connections.add(1);
    services_.loop.start_timer(connection.timer_, server_->pool_idle);
  }
  queue().tell_head();
}

void ConnectionPool::end_in_order(ServerConnection& connection) {
  if (connection.tls_ != nullptr) connection.tls_->forget_sessions();  // this pool keeps them
  services_.ending.take(std::move(connection.stream_), std::move(connection.slots_), connection.server_);
  remove(connection);
}

void ConnectionPool::connection_opened(ServerConnection& connection) {
  busy_.push_back(connection);  // nobody joins those who waited for it any more
  for (stats::TrafficCounters* counts : {&counters(), &backend_counters()}) {
    counts->connections.add();
    counts->open_connections.add(1);
    if (connection.tls_ != nullptr) {
      (connection.tls_->resumed() ? counts->handshakes_resumed : counts->handshakes_full).add();
    }
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
  // What comes of a name that the client has chosen says nothing of the server.
  const bool is_of_request = is_of_handshake(error.code) && !connection.key().name.empty();
  if (error.origin == Origin::kServer && !is_of_request) passive_connect_failed(why);
  remove(connection);
}

void ConnectionPool::connection_closed(ServerConnection& connection) {
  --idle_count_;
  counters().idle_connections.add(-1);
  remove(connection);
}

void ConnectionPool::count_closed(const ServerConnection& connection) {
  if (!connection.is_open()) return;
  counters().open_connections.add(-1);
  backend_counters().open_connections.add(-1);
}

void ConnectionPool::remove(ServerConnection& connection) {
  count_closed(connection);
  static_cast<ListNode<PoolTag>&>(connection).unlink();
  connection.close();
  connection.slots_.release();
  --size_;
  services_.loop.bury(std::unique_ptr<Disposable>(&connection));
}

void ConnectionPool::retire() {
  retired_ = true;
  while (ServerConnection* connection = idle_.front()) connection_closed(*connection);
  while (ServerConnection* connection = shared_.front()) busy_.push_back(*connection);
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
