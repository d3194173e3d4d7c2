// The connections of one worker to one server: idle ones are reused last-in first-out, so that few stay warm
// and the rest age out. Owner: the worker's LocalBackend; handed on to the next generation when server and
// TLS identity are the same, retired otherwise. Single thread.
#pragma once

#include <memory>

#include "backends/health_reports.h"
#include "backends/server_connection.h"
#include "lb/base/log.h"

namespace reseal::backends {

class ConnectionPool;

/// One exchange's claim on one connection. Moving hands it on; destroying it gives the connection back: to
/// the pool if it can be reused, otherwise closed.
class Lease {
 public:
  Lease() = default;
  ~Lease() { release(); }
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;

  [[nodiscard]] bool is_held() const { return connection_ != nullptr; }
  /// Open now; otherwise LeaseEvents tells.
  [[nodiscard]] bool is_ready() const;
  [[nodiscard]] ServerConnection& connection() const { return *connection_; }
  /// The pool it came from: the server's settings and counters.
  [[nodiscard]] ConnectionPool& pool() const { return *pool_; }
  void release();
  /// Gives up a connection that must not be used again (request abandoned midway).
  void abandon();

 private:
  friend class ConnectionPool;
  Lease(ConnectionPool& pool, ServerConnection& connection) : pool_(&pool), connection_(&connection) {}
  ConnectionPool* pool_ = nullptr;
  ServerConnection* connection_ = nullptr;
};

/// What a pool borrows from its worker.
struct PoolServices {
  net::Loop& loop;
  Log& log;
  HealthReports& reports;
  int worker = 0;
};

class ConnectionPool final : public Disposable {
 public:
  /// `services` is borrowed and outlives the pool.
  ConnectionPool(const PoolServices& services, std::shared_ptr<const Server> server);
  ~ConnectionPool() override;

  /// An idle connection (ready at once), or a new one being opened; `fresh` asks for a new one in any case.
  /// `user` is borrowed until the lease is ready, failed or released.
  [[nodiscard]] Lease acquire(LeaseEvents& user, bool fresh);

  [[nodiscard]] const Server& server() const { return *server_; }
  [[nodiscard]] stats::TrafficCounters& counters() { return server_->state->counters.of(services_.worker); }
  [[nodiscard]] stats::TrafficCounters& backend_counters() {
    return server_->backend_counters->of(services_.worker);
  }
  /// The next generation's view of the same server.
  void adopt_server(std::shared_ptr<const Server> server) { server_ = std::move(server); }
  /// Closes what is idle and, from now on, whatever comes back.
  void retire();

  /// What traffic says of the server; decides passive health.
  void count_response(int status);

 private:
  friend class Lease;
  friend class ServerConnection;
  void give_back(ServerConnection& connection, bool reusable);
  void connection_opened(ServerConnection& connection, bool tls_resumed);
  void connect_failed(ServerConnection& connection, const Error& error, const std::string& why);
  void connection_closed(ServerConnection& connection);
  void passive_connect_failed(const std::string& why);
  void log_failure(const Error& error, const std::string& why);
  void remove(ServerConnection& connection);

  const PoolServices& services_;
  std::shared_ptr<const Server> server_;
  tls::SessionSlot sessions_;
  IntrusiveList<ServerConnection, PoolTag> idle_;  // back: most recently used
  IntrusiveList<ServerConnection, PoolTag> busy_;  // connecting or leased
  std::size_t idle_count_ = 0;
  bool retired_ = false;
  Code logged_code_ = Code::kOk;  // last failure logged, to log changes at once and repeats rarely
  TimePoint logged_at_{};
  std::uint64_t unlogged_ = 0;
};

}  // namespace reseal::backends
