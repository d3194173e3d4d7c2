// A backend: its servers and how one of them is chosen. Backend is what one generation says (immutable,
// shared by workers); LocalBackend is what one worker adds: balancer state and connection pools. Eligibility
// is decided here and nowhere else; the algorithms (balancer_*.h) only choose among the eligible.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/balancer.h"
#include "backends/balancer_round_robin.h"
#include "backends/connection_pool.h"
#include "backends/persistence_policy.h"
#include "backends/server.h"
#include "lb/base/random.h"
#include "lb/http/compression_policy.h"
#include "lb/net/proxy_protocol.h"

namespace reseal::backends {

enum class BalanceMethod : std::uint8_t {
  kRoundRobin,
  kLeastConnections,
  kRandomOfTwo,
  kHashSource,
  kHashHeader
};

struct Backend {
  std::string name;
  BalanceMethod method = BalanceMethod::kRoundRobin;
  std::string hash_header;  ///< lower case, with kHashHeader
  int retries = 2;
  Duration response_timeout{60000};
  Duration idle_timeout{60000};
  Duration tunnel_timeout{3600000};
  std::optional<net::ProxyVersion>
      send_proxy;  ///< a PROXY header begins each connection, which is one client's
  std::shared_ptr<const PersistencePolicy> persistence;        ///< null: clients are spread anew each time
  std::shared_ptr<const http::CompressionPolicy> compression;  ///< null: nothing is compressed
  std::vector<std::shared_ptr<const Server>> servers;
  std::shared_ptr<stats::CounterSet> counters;  ///< never null; survives reloads
};

/// Servers already tried for one request. Small: attempts are few.
class TriedServers {
 public:
  void add(std::uint32_t server) {
    if (count_ < kMost) servers_[count_++] = server;
  }
  [[nodiscard]] bool contains(std::uint32_t server) const;
  void clear() { count_ = 0; }

 private:
  static constexpr std::size_t kMost = 16;
  std::array<std::uint32_t, kMost> servers_;
  std::size_t count_ = 0;
};

class LocalBackend {
 public:
  /// Takes over the pools of `previous` (may be null) whose servers are the same. `services` and `random` are
  /// borrowed.
  LocalBackend(std::shared_ptr<const Backend> backend, const PoolServices& services, Random& random,
               LocalBackend* previous);
  ~LocalBackend();
  LocalBackend(const LocalBackend&) = delete;
  LocalBackend& operator=(const LocalBackend&) = delete;

  /// After a reload: pools that `successor` (null: none) did not take over close what is idle.
  void retire_pools_not_in(const LocalBackend* successor);

  [[nodiscard]] const Backend& settings() const { return *backend_; }
  [[nodiscard]] stats::TrafficCounters& counters() { return backend_->counters->of(services_.worker); }

  /// The server for a request: an eligible one not tried yet; failing that a backup; failing that one that
  /// was tried but is still up. Nothing when no server is up. `key` matters to the hash methods only.
  /// `preferred` (persistence) goes before all that while it is up and not tried, a backup or draining (weight
  /// 0) as it may be.
  [[nodiscard]] std::optional<std::uint32_t> choose(std::uint64_t key, const TriedServers& tried,
                                                    std::optional<std::uint32_t> preferred = {});
  [[nodiscard]] ConnectionPool& pool(std::uint32_t server) { return *pools_[server]; }

 private:
  [[nodiscard]] bool may_keep(std::uint32_t server, const TriedServers& tried) const;
  void collect(bool backup, const TriedServers* tried);
  std::size_t pick(std::uint64_t key);

  std::shared_ptr<const Backend> backend_;
  const PoolServices& services_;
  Random& random_;
  SmoothRoundRobin round_robin_;
  std::vector<std::shared_ptr<ConnectionPool>>
      pools_;                          // shared with the previous generation's LocalBackend while it ends
  std::vector<Candidate> candidates_;  // scratch, kept for its capacity
};

}  // namespace reseal::backends
