// The connections of one worker to one server: ones with room for a further request (HTTP/2) are filled first, idle
// ones are reused last-in first-out, so that few stay warm and the rest age out. Owner: the worker's LocalBackend;
// handed on to the next generation when server and TLS identity are the same, retired otherwise. Single thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "backends/connection_slots.h"
#include "backends/ending_streams.h"
#include "backends/health_reports.h"
#include "backends/server_connection.h"
#include "lb/base/arena.h"
#include "lb/base/log.h"

namespace reseal::backends {

/// What a pool borrows from its worker.
struct PoolServices {
  net::Loop& loop;
  Log& log;
  HealthReports& reports;
  EndingStreams& ending;
  int worker = 0;
};

class ConnectionPool final : public Disposable {
 public:
  /// `services` is borrowed and outlives the pool.
  ConnectionPool(const PoolServices& services, std::shared_ptr<const Server> server);
  ~ConnectionPool() override;

  /// Why no connection may be opened or used for these needs. Nothing: acquire() may.
  [[nodiscard]] std::optional<Error> obstacle(const ConnectionNeeds& needs) const;
  /// Fills the empty `lease` with a connection that has room (ready at once), or one being opened. `user` is
  /// borrowed until the lease is ready, failed or released.
  void acquire(Lease& lease, LeaseEvents& user, const ConnectionNeeds& needs);

  // With a limit on the server's or the backend's connections.
  /// acquire() would find a connection, or may open one. True now; another worker may be faster.
  [[nodiscard]] bool has_room(const ConnectionNeeds& needs) const;
  /// Makes sure of it for the acquire() that follows at once; false when it cannot.
  [[nodiscard]] bool reserve(const ConnectionNeeds& needs) { return reserve(needs, key_of(needs)); }
  /// No acquire() follows.
  void unreserve() { reserved_.release(); }
  [[nodiscard]] bool has_idle() const { return !idle_.empty(); }
  /// Connections, open or being opened.
  [[nodiscard]] std::size_t size() const { return size_; }
  /// The one that was used longest ago. With has_idle().
  void close_one_idle() { connection_closed(*idle_.front()); }
  /// Requests of other workers wait for a connection.
  void close_idle();

  [[nodiscard]] const Server& server() const { return *server_; }
  [[nodiscard]] stats::TrafficCounters& counters() { return server_->state->counters.of(services_.worker); }
  [[nodiscard]] stats::TrafficCounters& backend_counters() {
    return server_->backend_counters->of(services_.worker);
  }
  /// The next generation's view of the same server.
  void adopt_server(std::shared_ptr<const Server> server) { server_ = std::move(server); }
  /// Where the server is, for logs: "10.0.0.11:8443". Copied into `arena` unless it has never moved.
  [[nodiscard]] std::string_view address_text(const ConnectionNeeds& needs, Arena& arena);
  /// Closes what is idle and, from now on, whatever comes back.
  void retire();

  /// What traffic says of the server; decides passive health.
  void count_response(int status);

 private:
  friend class Lease;
  friend class ServerConnection;
  /// The server has moved: what leads to where it was takes no further request.
  void leave_old_address();
  using Connections = IntrusiveList<ServerConnection, PoolTag>;
  /// The last of `connections` with that key. Null: none.
  [[nodiscard]] ServerConnection* last_of(const Connections& connections, const ConnectionKey& key) const;
  [[nodiscard]] ConnectionKey key_of(const ConnectionNeeds& needs) const;
  [[nodiscard]] bool reserve(const ConnectionNeeds& needs, const ConnectionKey& key);
  void wait_for_connection(Lease& lease, const ConnectionNeeds& needs, const ConnectionKey& key);
  /// One in use or idle serves these needs, and so does one that is being opened for others.
  [[nodiscard]] bool any_will_do(const ConnectionNeeds& needs) const;
  [[nodiscard]] bool is_exclusive(const ConnectionNeeds& needs) const {
    return needs.raw || server_->send_proxy.has_value();
  }
  [[nodiscard]] bool shares_connecting(const ConnectionNeeds& needs) const;
  /// For one that was admitted to a connection with that key which turned out to have no room for it.
  void wait_for_another(Lease& lease, const ConnectionKey& key);
  [[nodiscard]] WaitQueue& queue() { return server_->state->backend_state->queue; }
  /// `writer` null: the lease waited, or was not opened. It is no user of the connection any more.
  void give_back(ServerConnection& connection, http::RequestWriter* writer, bool is_suspect);
  /// Into the list where it belongs now, or away with it.
  void place(ServerConnection& connection);
  /// Its last user has ended its sending side: what is still to be sent goes out first, without this pool.
  void end_in_order(ServerConnection& connection);
  void count_closed(const ServerConnection& connection);
  void connection_opened(ServerConnection& connection);
  void connect_failed(ServerConnection& connection, const Error& error, const std::string& why);
  /// An idle one.
  void connection_closed(ServerConnection& connection);
  void passive_connect_failed(const std::string& why);
  void log_failure(const Error& error, const std::string& why);
  void remove(ServerConnection& connection);

  const PoolServices& services_;
  std::shared_ptr<const Server> server_;
  tls::SessionSlot sessions_;
  Connections idle_;        // back: most recently used
  Connections shared_;      // in use, with room for more
  Connections connecting_;  // with room for more to wait
  Connections busy_;        // in use or connecting, without room
  std::size_t idle_count_ = 0;
  std::size_t size_ = 0;      // of all four lists
  ConnectionSlots reserved_;  // between reserve() and acquire()
  bool retired_ = false;
  std::uint32_t address_version_;  // that the idle ones lead to
  std::string moved_text_;         // that address, unless it is the first
  Code logged_code_ = Code::kOk;   // last failure logged, to log changes at once and repeats rarely
  TimePoint logged_at_{};
  std::uint64_t unlogged_ = 0;
};

}  // namespace reseal::backends
