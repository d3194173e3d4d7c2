#include "health/monitor.h"

#include <fmt/format.h>

#include <utility>

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
