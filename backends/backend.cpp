#include "backends/backend.h"

#include "backends/balancer_consistent_hash.h"
#include "backends/balancer_least_connections.h"
#include "backends/balancer_random.h"

namespace reseal::backends {

bool TriedServers::contains(std::uint32_t server) const {
  for (std::size_t i = 0; i < count_; ++i) {
    if (servers_[i] == server) return true;
  }
  return false;
}

LocalBackend::LocalBackend(std::shared_ptr<const Backend> backend, const PoolServices& services,
                           Random& random, LocalBackend* previous)
    : backend_(std::move(backend)),
      services_(services),
      random_(random),
      round_robin_(backend_->servers.size(), random) {
  pools_.reserve(backend_->servers.size());
  candidates_.reserve(backend_->servers.size());
  for (const auto& server : backend_->servers) {
    std::shared_ptr<ConnectionPool> pool;
    if (previous != nullptr) {
      for (auto& old : previous->pools_) {
        if (old->server().same_connections(*server)) pool = old;
      }
    }
    if (pool != nullptr) {
      pool->adopt_server(server);
    } else {
      pool = std::make_shared<ConnectionPool>(services, server);
    }
    pools_.push_back(std::move(pool));
  }
}

LocalBackend::~LocalBackend() = default;

void LocalBackend::retire_pools_not_in(const LocalBackend* successor) {
  for (auto& pool : pools_) {
    bool kept = false;
    if (successor != nullptr) {
      for (const auto& theirs : successor->pools_) kept = kept || theirs == pool;
    }
    if (!kept) pool->retire();
  }
}

void LocalBackend::collect(bool backup, const TriedServers* tried) {
  candidates_.clear();
  const bool by_load =
      backend_->method == BalanceMethod::kLeastConnections || backend_->method == BalanceMethod::kRandomOfTwo;
  for (std::uint32_t i = 0; i < backend_->servers.size(); ++i) {
    const Server& server = *backend_->servers[i];
    if (server.backup != backup || server.weight == 0 || !server.state->is_up()) continue;
    if (tried != nullptr && tried->contains(i)) continue;
    const auto load = by_load ? static_cast<std::uint32_t>(server.state->counters.in_flight()) : 0U;
    candidates_.push_back({i, server.weight, load, server.identity});
  }
}

std::size_t LocalBackend::pick(std::uint64_t key) {
  switch (backend_->method) {
    case BalanceMethod::kRoundRobin:
      return round_robin_.pick(candidates_);
    case BalanceMethod::kLeastConnections:
      return pick_least_connections(candidates_, random_);
    case BalanceMethod::kRandomOfTwo:
      return pick_random_of_two(candidates_, random_);
    case BalanceMethod::kHashSource:
    case BalanceMethod::kHashHeader:
      return pick_consistent_hash(candidates_, key);
  }
  return 0;
}

bool LocalBackend::may_keep(std::uint32_t server, const TriedServers& tried) const {
  return backend_->servers[server]->state->is_up() && !tried.contains(server);
}

std::optional<std::uint32_t> LocalBackend::choose(std::uint64_t key, const TriedServers& tried,
                                                  std::optional<std::uint32_t> preferred) {
  if (preferred && may_keep(*preferred, tried)) return preferred;
  collect(false, &tried);
  if (candidates_.empty()) collect(true, &tried);
  if (candidates_.empty()) collect(false, nullptr);
  if (candidates_.empty()) collect(true, nullptr);
  if (candidates_.empty()) return std::nullopt;
  return candidates_[pick(key)].server;
}

}  // namespace reseal::backends
