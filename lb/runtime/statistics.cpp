#include "lb/runtime/statistics.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "lb/runtime/proxy_facts.h"

namespace reseal::runtime {
namespace {

std::string frontend_key(const std::string& name) {
  return "frontend/" + name;
}
std::string backend_key(const std::string& name) {
  return "backend/" + name;
}
std::string server_key(const backends::ServerState& state) {
  return "server/" + state.backend + "/" + state.name;
}

std::string state_word(const backends::ServerState& state) {
  if (state.is_in_maintenance()) return "maint";
  if (!state.is_up()) return "down";
  if (state.is_ejected()) return "ejected";
  return state.is_draining() ? "draining" : "up";
}

}  // namespace

void Statistics::sample_one(const std::string& key, const std::shared_ptr<stats::CounterSet>& counters,
                            TimePoint now) {
  Meter& meter = meters_[key];
  if (meter.counters != counters) {
    meter = Meter();
    meter.counters = counters;
  }
  const stats::TrafficTotals totals = counters->total();
  const auto sample = [&](stats::RateMeter& rate, std::uint64_t total, std::uint64_t& highest,
                          std::atomic<std::uint32_t>& recent) {
    rate.sample(now, total);
    const auto last_second = static_cast<std::uint64_t>(std::lround(rate.over(std::chrono::seconds(1))));
    highest = std::max(highest, last_second);
    recent.store(static_cast<std::uint32_t>(last_second), std::memory_order_relaxed);
  };
  stats::RecentRates& recent = counters->rates();
  sample(meter.rate, totals.requests, meter.highest_rate, recent.requests);
  sample(meter.connection_rate, totals.connections, meter.highest_connection_rate, recent.connections);
}

void Statistics::sample(const Generation& generation, TimePoint now) {
  std::set<std::string> seen;
  const auto routing = generation.routing();
  const auto take = [&](const std::string& key, const std::shared_ptr<stats::CounterSet>& counters) {
    seen.insert(key);
    sample_one(key, counters, now);
  };
  for (const auto& frontend : routing->frontends) take(frontend_key(frontend->name), frontend->counters);
  for (const auto& backend : routing->backends) {
    take(backend_key(backend->name), backend->counters);
    for (const auto& server : backend->servers) {
      // Aliased: lives as long as the state that contains it.
      take(server_key(*server->state),
           std::shared_ptr<stats::CounterSet>(server->state, &server->state->counters));
    }
  }
  std::erase_if(meters_, [&](const auto& entry) { return !seen.contains(entry.first); });
}

void Statistics::add_rates(const std::string& key, stats::EntitySnapshot& entity) const {
  const auto found = meters_.find(key);
  if (found == meters_.end()) return;
  entity.qps_1s = found->second.rate.over(std::chrono::seconds(1));
  entity.qps_10s = found->second.rate.over(std::chrono::seconds(10));
  entity.qps_60s = found->second.rate.over(std::chrono::seconds(60));
  entity.facts.connections_a_second = found->second.connection_rate.over(std::chrono::seconds(1));
  entity.facts.highest_request_rate = found->second.highest_rate;
  entity.facts.highest_connection_rate = found->second.highest_connection_rate;
  entity.cleared = found->second.cleared;
}

void Statistics::clear(const Generation& generation, bool all) {
  for (auto& [key, meter] : meters_) {
    meter.highest_rate = meter.highest_connection_rate = 0;
    if (all) meter.cleared = std::make_shared<const stats::TrafficTotals>(meter.counters->total());
  }
  const auto routing = generation.routing();
  for (const auto& frontend : routing->frontends) frontend->counters->forget_peaks();
  for (const auto& backend : routing->backends) {
    backend->counters->forget_peaks();
    for (const auto& server : backend->servers) server->state->counters.forget_peaks();
  }
}

std::vector<stats::EntitySnapshot> Statistics::entities(const Generation& generation,
                                                        const health::Monitor& monitor, TimePoint now) const {
  std::vector<stats::EntitySnapshot> entities;
  const auto routing = generation.routing();
  const auto add = [&](stats::EntityKind kind, const std::string& name, const std::string& key,
                       const stats::CounterSet& counters, stats::ProxyFacts facts) -> stats::EntitySnapshot& {
    stats::EntitySnapshot& entity = entities.emplace_back();
    entity.kind = kind;
    entity.facts = std::move(facts);
    entity.name = name;
    entity.totals = counters.total();
    add_rates(key, entity);
    return entity;
  };
  const config::Configuration& configuration = generation.configuration();
  for (std::size_t i = 0; i < routing->frontends.size(); ++i) {
    const proxy::Frontend& frontend = *routing->frontends[i];
    add(stats::EntityKind::kFrontend, frontend.name, frontend_key(frontend.name), *frontend.counters,
        facts_of_frontend(configuration, i));
  }
  for (std::size_t i = 0; i < routing->backends.size(); ++i) {
    const backends::Backend& backend = *routing->backends[i];
    add(stats::EntityKind::kBackend, backend.name, backend_key(backend.name), *backend.counters,
        facts_of_backend(configuration, i, monitor.availability(*backend.state), now))
        .panics = backend.state->panics;
    for (std::size_t position = 0; position < backend.servers.size(); ++position) {
      const auto& server = backend.servers[position];
      const backends::ServerState& state = *server->state;
      const health::ServerReport report = monitor.report(state, now);
      auto& entity = add(stats::EntityKind::kServer, state.name, server_key(state), state.counters,
                         facts_of_server(configuration, i, position, *server, report, now));
      entity.backend = state.backend;
      if (!state.unresolved) entity.address = state.address.get().text();
      entity.state = state_word(state);
      entity.ejections = report.ejections;
      entity.state_reason = report.reason;
      entity.last_check = report.last_check;
      entity.state_seconds = std::chrono::duration<double>(report.since).count();
      entity.weight = static_cast<int>(state.weight_or(server->weight));
      entity.configured_weight = static_cast<int>(server->weight);
      entity.backup = server->backup;
      entity.plaintext = server->tls == nullptr && !server->passthrough;
    }
  }
  return entities;
}

}  // namespace reseal::runtime
