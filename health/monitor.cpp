#include "health/monitor.h"

#include <fmt/format.h>

#include "health/watch.h"

namespace reseal::health {

Monitor::Monitor(net::Loop& loop, Log& log, Random& random) : loop_(loop), log_(log), random_(random) {}

Monitor::~Monitor() = default;

void Monitor::apply(std::vector<MonitoredServer> servers) {
  std::map<const backends::ServerState*, std::unique_ptr<Watch>> next;
  for (MonitoredServer& server : servers) {
    const backends::ServerState* key = server.state.get();
    if (auto known = watches_.find(key); known != watches_.end()) {
      next[key] = std::move(known->second);
      watches_.erase(known);
      next[key]->update(std::move(server));
    } else {
      next[key] = std::make_unique<Watch>(*this, std::move(server));
    }
  }
  watches_ = std::move(next);
}

void Monitor::on_server_suspect(const backends::ServerState& server, const std::string& reason) {
  const auto found = watches_.find(&server);
  if (found != watches_.end()) found->second->suspected(reason);
}

ServerReport Monitor::report(const backends::ServerState& server, TimePoint now) const {
  const auto found = watches_.find(&server);
  return found != watches_.end() ? found->second->report(now) : ServerReport{};
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
