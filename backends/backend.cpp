#include "backends/backend.h"

#include <algorithm>

#include "backends/balancer_consistent_hash.h"
#include "backends/balancer_least_connections.h"
#include "backends/balancer_random.h"
#include "backends/load_limit.h"
#include "backends/slow_start.h"

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
  if (previous != nullptr) retry_budget_ = previous->retry_budget_;
  if (backend_->outlier.watches()) outliers_.resize(backend_->servers.size());
  set_limits();
  set_hashing();
}

LocalBackend::~LocalBackend() = default;

void LocalBackend::retire_pools_not_in(const LocalBackend* successor) {
  is_current_ = false;
  for (auto& pool : pools_) {
    bool kept = false;
    if (successor != nullptr) {
      for (const auto& theirs : successor->pools_) kept = kept || theirs == pool;
    }
    if (!kept) pool->retire();
  }
}

void LocalBackend::set_limits() {
  BackendState& state = *backend_->state;
  state.requests.set_most(backend_->max_requests);
  state.connections.set_most(backend_->max_connections);
  limits_connections_ = backend_->max_connections != 0;
  bool limited = backend_->max_requests != 0;
  for (const auto& server : backend_->servers) {
    server->state->requests.set_most(limit_of(*server));
    server->state->connections.set_most(server->max_connections);
    limits_connections_ = limits_connections_ || server->max_connections != 0;
    limited = limited || server->max_requests != 0 || server->may_be_limited;
  }
  limited = limited || limits_connections_;
  if (limited) door_ = std::make_unique<QueueDoor>(services_.loop, state.queue, *this, backend_->generation);
  state.queue.tell_head();  // a reload may have raised a limit
}

std::uint32_t LocalBackend::limit_of(const Server& server) const {
  if (server.min_requests == 0) return server.max_requests;
  // Before a reload that brought the first such limit nobody has counted; who waits and who is served is there all the same.
  const std::uint32_t load = std::max(backend_->state->load.load(),
                                      backend_->state->queue.waiting() + server.state->requests.in_use());
  const std::uint32_t limit = limit_at({server.min_requests, server.max_requests, backend_->full_load}, load);
  const TimePoint up_since = server.state->up_since.load(std::memory_order_relaxed);
  if (up_since == TimePoint{}) return limit;
  return limit_while_starting(limit, std::chrono::duration_cast<Duration>(services_.loop.now() - up_since),
                              server.slow_start);
}

bool LocalBackend::follow_load(const Server& server) const {
  Limit& requests = server.state->requests;
  bool has_risen = false;
  // Another worker may have counted meanwhile, and written first what it found: then this one looks again.
  for (std::uint32_t limit = limit_of(server); limit != requests.most(); limit = limit_of(server)) {
    has_risen = has_risen || limit > requests.most();
    requests.set_most(limit);
  }
  return has_risen;
}

void LocalBackend::count_load(int change) {
  if (backend_->full_load == 0) return;
  backend_->state->load.fetch_add(static_cast<std::uint32_t>(change));
  if (!is_current_) return;
  bool has_risen = false;
  for (const auto& server : backend_->servers) {
    if (server->min_requests == 0) continue;
    has_risen = follow_load(*server) || has_risen;
  }
  if (has_risen) queue().tell_head();
}

void LocalBackend::set_hashing() {
  if (backend_->hash.placement == HashPlacement::kMap) {
    std::vector<std::uint32_t> weights;
    for (const auto& server : backend_->servers) weights.push_back(server->weight);
    map_ = ServerMap(weights);
  } else if (backend_->hash.placement == HashPlacement::kRing) {
    std::vector<ServerRing::Member> members;
    for (const auto& server : backend_->servers) members.push_back({server->id, server->weight});
    ring_ = ServerRing(members);
  }
}

bool LocalBackend::is_eligible(const Server& server, bool with_ejected) const {
  if (server.state->weight_or(server.weight) == 0 || server.state->is_draining() ||
      server.state->is_in_maintenance())
    return false;
  if (server.state->is_up() && (with_ejected || !server.state->is_ejected())) return true;
  return backend_->can_panic && backend_->state->panics.load(std::memory_order_relaxed);
}

bool LocalBackend::has_room(std::uint32_t server, const ConnectionNeeds* room_for) const {
  return room_for == nullptr || (backend_->servers[server]->state->requests.has_room() &&
                                 (pools_[server]->has_room(*room_for) || may_have(server, spare_)));
}

std::optional<std::uint32_t> LocalBackend::find_spare() const {
  const Limit& limit = backend_->state->connections;
  std::optional<std::uint32_t> spare;
  if (!limit.is_set() || limit.has_room()) return spare;
  for (std::uint32_t i = 0; i < pools_.size(); ++i) {
    if (!pools_[i]->has_idle()) continue;
    if (!is_eligible(*backend_->servers[i], false)) return i;
    if (!spare || pools_[i]->size() > pools_[*spare]->size()) spare = i;
  }
  return spare;
}

bool LocalBackend::may_have(std::uint32_t server, std::optional<std::uint32_t> spare) const {
  if (!spare || !backend_->servers[server]->state->connections.has_room()) return false;
  // Where the servers have their shares already, connections are used again instead of being closed and opened in turns.
  return pools_[*spare]->size() > pools_[server]->size() + 1 ||
         !is_eligible(*backend_->servers[*spare], false);
}

std::uint32_t LocalBackend::weight_of(const Server& server) const {
  // A map of places would be laid out anew all the time.
  const bool is_fixed =
      backend_->slow_start == Duration::zero() || backend_->hash.placement == HashPlacement::kMap;
  const std::uint32_t weight = server.state->weight_or(server.weight);
  if (is_fixed) return weight;
  const auto since = services_.loop.now() - server.state->up_since.load(std::memory_order_relaxed);
  return slow_start_weight(weight, std::chrono::duration_cast<Duration>(since), server.slow_start);
}

bool LocalBackend::collect(const Wanted& wanted) {
  candidates_.clear();
  if (wanted.room_for != nullptr) spare_ = find_spare();
  bool crowded = false;
  const bool by_load = backend_->method == BalanceMethod::kLeastConnections ||
                       backend_->method == BalanceMethod::kRandomOfTwo || backend_->hash.most_load != 0;
  for (std::uint32_t i = 0; i < backend_->servers.size(); ++i) {
    const Server& server = *backend_->servers[i];
    if (server.backup != wanted.backup || !is_eligible(server, wanted.with_ejected)) continue;
    if (wanted.except != nullptr && wanted.except->contains(i)) continue;
    if (is_left_to_others(i, wanted.older_head) || !has_room(i, wanted.room_for)) {
      crowded = true;
      continue;
    }
    const auto load = by_load ? static_cast<std::uint32_t>(server.state->counters.in_flight()) : 0U;
    candidates_.push_back({i, weight_of(server), load, server.identity});
  }
  return crowded;
}

bool LocalBackend::collect_best(const TriedServers& tried, bool takes_tried, const ConnectionNeeds* room_for,
                                std::optional<std::uint64_t> older_head) {
  bool crowded = false;
  for (const TriedServers* except : {&tried, static_cast<const TriedServers*>(nullptr)}) {
    // An ejection never leaves a request without a server: failing all others, the ejected ones are asked.
    for (const bool with_ejected : {false, true}) {
      // Neither they nor backups are for when the others are busy.
      for (const bool backup : {false, true}) {
        if (crowded && (backup || with_ejected)) continue;
        crowded = collect({room_for, with_ejected, backup, except, older_head}) || crowded;
        if (!candidates_.empty()) return crowded;
      }
    }
    // One that has just failed is no way around a queue.
    if (tried.empty() || (crowded && !takes_tried)) break;
  }
  return crowded;
}

bool LocalBackend::has_untried(const TriedServers& tried) {
  collect({nullptr, false, false, &tried, {}});
  if (candidates_.empty()) collect({nullptr, false, true, &tried, {}});
  return !candidates_.empty();
}

std::size_t LocalBackend::pick(std::optional<std::uint64_t> key) {
  switch (backend_->method) {
    case BalanceMethod::kRoundRobin:
      break;
    case BalanceMethod::kLeastConnections:
      return pick_least_connections(candidates_, random_);
    case BalanceMethod::kRandomOfTwo:
      return pick_random(candidates_, backend_->draws, random_);
    case BalanceMethod::kFirst:
      return static_cast<std::size_t>(
          std::ranges::min_element(candidates_, {},
                                   [&](const Candidate& c) { return backend_->servers[c.server]->id; }) -
          candidates_.begin());
    default:
      if (key) return pick_by_hash(*key);
  }
  return round_robin_.pick(candidates_);
}

std::size_t LocalBackend::pick_by_hash(std::uint64_t key) {
  switch (backend_->hash.placement) {
    case HashPlacement::kRendezvous:
      break;
    case HashPlacement::kMap:
      return map_.pick(candidates_, static_cast<std::uint32_t>(key));
    case HashPlacement::kRing:
      return ring_.pick(candidates_, static_cast<std::uint32_t>(key), backend_->hash.most_load);
  }
  return pick_consistent_hash(candidates_, key);
}

bool LocalBackend::may_keep(std::uint32_t server, const TriedServers& tried) const {
  const ServerState& state = *backend_->servers[server]->state;
  return state.is_up() && !state.is_ejected() && !tried.contains(server);
}

std::optional<std::uint32_t> LocalBackend::choose(std::optional<std::uint64_t> key, const TriedServers& tried,
                                                  std::optional<std::uint32_t> preferred) {
  if (preferred && may_keep(*preferred, tried)) return preferred;
  collect_best(tried, true, nullptr, {});
  if (candidates_.empty()) return std::nullopt;
  return candidates_[pick(key)].server;
}

bool LocalBackend::claim(std::uint32_t server, const ConnectionNeeds& needs, Slot& slot) {
  BackendState& state = *backend_->state;
  Limit& limit = backend_->servers[server]->state->requests;
  if (limit.is_set()) {
    slot = Slot::take(limit, state.queue);
    if (!slot.is_held()) return false;
  }
  if (pools_[server]->reserve(needs)) return true;
  if (const auto spare = find_spare(); may_have(server, spare)) {
    pools_[*spare]->close_one_idle();
    if (pools_[server]->reserve(needs)) return true;
  }
  slot.release_quietly();
  return false;
}

Admission::Outcome LocalBackend::admit(const AdmissionWish& wish, std::optional<std::uint64_t> older_head,
                                       std::uint32_t& server, Slot& backend_slot, Slot& server_slot) {
  BackendState& state = *backend_->state;
  if (state.requests.is_set()) backend_slot = Slot::take(state.requests, state.queue);
  const bool has_room = backend_slot.is_held() || !state.requests.is_set();
  if (wish.forced) {
    server = *wish.forced;
    if (has_room && !is_left_to_others(server, older_head) && claim(server, wish.needs, server_slot))
      return Admission::Outcome::kAdmitted;
    backend_slot.release_quietly();
    return Admission::Outcome::kWaiting;
  }
  if (has_room && wish.preferred && may_keep(*wish.preferred, *wish.tried) &&
      !is_left_to_others(*wish.preferred, older_head) && claim(*wish.preferred, wish.needs, server_slot)) {
    server = *wish.preferred;
    return Admission::Outcome::kAdmitted;
  }
  // Each round but the last, another worker was faster: somebody always gets on.
  for (;;) {
    const bool crowded = collect_best(*wish.tried, wish.takes_tried, &wish.needs, older_head);
    if (candidates_.empty() || !has_room) {
      const bool none = candidates_.empty() && !crowded;
      backend_slot.release_quietly();
      return none ? Admission::Outcome::kNoServerUp : Admission::Outcome::kWaiting;
    }
    server = candidates_[pick(wish.key)].server;
    if (claim(server, wish.needs, server_slot)) return Admission::Outcome::kAdmitted;
  }
}

void LocalBackend::make_room() {
  for (std::size_t i = 0; i < pools_.size(); ++i) {
    if (backend_->max_connections != 0 || backend_->servers[i]->max_connections != 0) pools_[i]->close_idle();
  }
}

// ---- outliers

void LocalBackend::note_response(std::uint32_t server, int status) {
  if (outliers_.empty()) return;
  report(server, outliers_[server].note_response(backend_->outlier, *backend_->servers[server]->state, status,
                                                 services_.loop.now()));
}

void LocalBackend::note_error(std::uint32_t server, std::string_view why) {
  if (outliers_.empty()) return;
  report(server, outliers_[server].note_error(backend_->outlier, *backend_->servers[server]->state, why,
                                              services_.loop.now()));
}

void LocalBackend::report(std::uint32_t server, std::optional<std::string> reason) {
  if (reason) services_.reports.on_server_outlier(backend_->servers[server]->state, std::move(*reason));
}

}  // namespace reseal::backends
