#include "health/monitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "health/ejection.h"
#include "health/watch.h"

namespace reseal::health {

Monitor::Monitor(net::Loop& loop, Log& log, Random& random) : loop_(loop), log_(log), random_(random) {}

Monitor::~Monitor() = default;

void Monitor::apply(std::vector<MonitoredServer> servers) {
  std::map<const backends::ServerState*, std::unique_ptr<Watch>> next;
  std::vector<std::pair<Watch*, MonitoredServer>> known;
  for (MonitoredServer& server : servers) {
    const backends::ServerState* key = server.state.get();
    if (const auto found = watches_.find(key); found != watches_.end()) {
      known.emplace_back(found->second.get(), std::move(server));
      next[key] = std::move(found->second);
      watches_.erase(found);
    } else {
      next[key] = std::make_unique<Watch>(*this, std::move(server));
    }
  }
  watches_ = std::move(next);
  // Last: an update may log how many servers of the new generation are up.
  for (auto& [watch, server] : known) watch->update(std::move(server));
  for (const auto& [state, watch] : watches_) {
    if (const auto& tracked = watch->server().tracked) watch->follow(*tracked);
  }
  std::set<backends::BackendState*> backends;
  for (const auto& [state, watch] : watches_) backends.insert(state->backend_state.get());
  std::erase_if(backends_, [&](const auto& entry) {
    return std::ranges::find(backends, entry.first) == backends.end();
  });
  for (backends::BackendState* backend : backends) on_change(*backend);
}

void Monitor::tell_trackers(const backends::ServerState& state) {
  for (const auto& [tracker, watch] : watches_) {
    if (watch->server().tracked.get() == &state) watch->follow(state);
  }
}

void Monitor::on_server_suspect(const backends::ServerState& server, const std::string& reason) {
  const auto found = watches_.find(&server);
  if (found != watches_.end()) found->second->suspected(reason);
}

void Monitor::on_server_outlier(const backends::ServerState& server, const std::string& reason) {
  const auto found = watches_.find(&server);
  if (found != watches_.end()) found->second->outlier(reason);
}

bool Monitor::has_room_for_ejection(const MonitoredServer& server) const {
  int servers = 0;
  int serving = 0;
  int ejected = 0;
  for (const auto& [state, watch] : watches_) {
    if (state->backend_state != server.state->backend_state || watch->server().backup != server.backup)
      continue;
    ++servers;
    ejected += state->is_ejected() ? 1 : 0;
    serving += state->is_up() && !state->is_ejected() ? 1 : 0;
  }
  return may_eject(servers, serving, ejected, server.outlier.max_ejected_percent);
}

void Monitor::on_change(backends::BackendState& backend) {
  constexpr int kPercent = 100;
  std::string name;
  int threshold = 0;
  int all = 0;
  int up = 0;
  bool backup_serves = false;
  bool any_up = false;
  for (const auto& [state, watch] : watches_) {
    if (state->backend_state.get() != &backend) continue;
    const bool serving = state->is_up() && !state->is_ejected();
    const bool takes_clients = state->is_up() && !state->is_draining();
    any_up = any_up || (takes_clients && (watch->server().counts || watch->server().backup));
    name = state->backend;
    threshold = watch->server().panic_threshold;
    const bool counts = watch->server().counts && !state->is_in_maintenance();
    all += counts ? 1 : 0;
    up += counts && serving ? 1 : 0;
    backup_serves = backup_serves || (watch->server().backup && serving);
  }
  const auto [availability, is_new] = backends_.try_emplace(&backend);
  if (is_new) availability->second = {any_up, 0, loop_.now(), Duration(0)};
  availability->second.set(any_up, loop_.now());
  const bool panics = up * kPercent < threshold * all && (up != 0 || !backup_serves);
  if (backend.panics.exchange(panics) != panics) {
    if (panics) {
      log_.error(fmt::format(
          "backend '{}' panics: {} of {} servers are up, below panic_threshold ({}%); requests go "
          "to all of them, whatever their checks say",
          name, up, all, threshold));
    } else {
      log_.info(fmt::format("backend '{}' does not panic any more: {} of {} servers are up", name, up, all));
    }
  }
  backend.queue.tell_head();
}

void Monitor::tell_change(const MonitoredServer& server, const ProbeResult& told) const {
  if (listener_ == nullptr) return;
  listener_->on_server_changed(server, told, servers_up(*server.state->backend_state));
}

ServersUp Monitor::servers_up(const backends::BackendState& backend) const {
  ServersUp up;
  for (const auto& [state, watch] : watches_) {
    const bool takes_clients = state->is_up() && !state->is_draining();
    if (state->backend_state.get() != &backend || !takes_clients) continue;
    up.active += watch->server().counts ? 1 : 0;
    up.backup += watch->server().backup ? 1 : 0;
  }
  return up;
}

void Monitor::on_server_moved(const backends::ServerState& server, const std::string& lost) {
  const auto found = watches_.find(&server);
  if (found == watches_.end()) return;
  found->second->move(lost);
  on_change(*server.backend_state);
}

void Monitor::end_sessions(const MonitoredServer& server) const {
  if (listener_ == nullptr) return;
  if (!server.state->is_up()) {
    if (server.ends_sessions_when_down) listener_->on_sessions_over(server.state, Code::kServerWentDown);
    return;
  }
  if (!server.ends_backup_sessions_when_up || !server.counts) return;
  for (const auto& [state, watch] : watches_) {
    if (state->backend_state == server.state->backend_state && watch->server().backup)
      listener_->on_sessions_over(watch->server().state, Code::kBackupRelieved);
  }
}

ServerReport Monitor::report(const backends::ServerState& server, TimePoint now) const {
  const auto found = watches_.find(&server);
  return found != watches_.end() ? found->second->report(now) : ServerReport{};
}

Availability Monitor::availability(const backends::BackendState& backend) const {
  const auto found = backends_.find(&backend);
  return found != backends_.end() ? found->second : Availability{};
}

int Monitor::servers_up(const std::string& backend) const {
  int up = 0;
  for (const auto& [state, watch] : watches_) up += state->backend == backend && state->is_up() ? 1 : 0;
  return up;
}

std::string Monitor::backend_text(const std::string& backend) const {
  int all = 0;
  for (const auto& [state, watch] : watches_) all += state->backend == backend ? 1 : 0;
  return fmt::format("{} of {} servers of backend '{}' are up", servers_up(backend), all, backend);
}

}  // namespace reseal::health
