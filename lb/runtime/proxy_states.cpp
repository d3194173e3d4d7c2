#include "lb/runtime/proxy_states.h"

#include <algorithm>

namespace reseal::runtime {
namespace {

using rules::expression::Figure;
using rules::expression::ProxyState;

std::int64_t read(const std::atomic<std::uint32_t>& rate) {
  return rate.load(std::memory_order_relaxed);
}

class FrontendState final : public ProxyState {
 public:
  explicit FrontendState(std::shared_ptr<stats::CounterSet> counters) : counters_(std::move(counters)) {}
  [[nodiscard]] std::optional<std::int64_t> figure(Figure figure) const override {
    switch (figure) {
      case Figure::kConnections:
        return counters_->open_connections();
      case Figure::kSessionRate:
        return read(counters_->rates().connections);
      case Figure::kRequestRate:
        return read(counters_->rates().requests);
      default:
        return std::nullopt;
    }
  }

 private:
  std::shared_ptr<stats::CounterSet> counters_;
};

/// As HAProxy has it: not in maintenance, and not found to be down.
bool is_up(const backends::Server& server) {
  return server.state->is_up();
}
/// Its agent and its records may say other ones than the configuration.
std::int64_t weight_now(const backends::Server& server) {
  return server.state->weight_or(server.weight);
}
bool is_usable(const backends::Server& server) {
  return is_up(server) && weight_now(server) > 0 && !server.state->is_draining();
}

class ServerFigures final : public ProxyState {
 public:
  explicit ServerFigures(std::shared_ptr<const backends::Server> server) : server_(std::move(server)) {}
  [[nodiscard]] std::optional<std::int64_t> figure(Figure figure) const override {
    const std::int64_t in_flight = server_->state->counters.in_flight();
    const std::int64_t limit = server_->state->requests.most();
    switch (figure) {
      case Figure::kConnections:
        return in_flight;
      case Figure::kFree:
        return limit == 0 ? -1 : std::max<std::int64_t>(0, limit - in_flight);
      case Figure::kSessionRate:
        return read(server_->state->counters.rates().requests);
      case Figure::kQueue:
        return 0;  // requests wait for the backend
      case Figure::kIsUp:
        return is_up(*server_) ? 1 : 0;
      case Figure::kWeight:
        return server_->state->is_draining() ? 0 : weight_now(*server_);
      case Figure::kInitialWeight:
        return server_->weight;
      default:
        return std::nullopt;
    }
  }

 private:
  std::shared_ptr<const backends::Server> server_;
};

class BackendFigures final : public ProxyState {
 public:
  explicit BackendFigures(const backends::Backend& backend)
      : servers_(backend.servers), counters_(backend.counters), state_(backend.state) {}

  [[nodiscard]] std::optional<std::int64_t> figure(Figure figure) const override {
    switch (figure) {
      case Figure::kUsableServers:
        return usable();
      case Figure::kConnections:
        return counters_->in_flight();
      case Figure::kFree:
      case Figure::kSlots:
        return free_places();
      case Figure::kSessionRate:
        return read(counters_->rates().requests);
      case Figure::kQueue:
        return state_->queue.waiting();
      case Figure::kAverageQueue:
        return average_queue();
      default:
        return std::nullopt;
    }
  }

 private:
  [[nodiscard]] std::int64_t usable(bool backups) const {
    return std::ranges::count_if(
        servers_, [&](const auto& server) { return server->backup == backups && is_usable(*server); });
  }
  /// Those that get requests: backups only while there is nobody else.
  [[nodiscard]] std::int64_t usable() const {
    const std::int64_t active = usable(false);
    return active > 0 ? active : usable(true);
  }
  [[nodiscard]] std::int64_t free_places() const {
    std::int64_t free = 0;
    const bool backups = usable(false) == 0;
    for (const auto& server : servers_) {
      if (server->backup != backups || !is_usable(*server)) continue;
      if (server->max_requests == 0) return -1;
      free += std::max<std::int64_t>(0, server->max_requests - server->state->counters.in_flight());
    }
    return free;
  }
  /// As HAProxy has it: rounded up, and twice as much where nobody serves.
  [[nodiscard]] std::int64_t average_queue() const {
    const std::int64_t waiting = state_->queue.waiting();
    const std::int64_t servers = usable();
    return servers > 0 ? (waiting + servers - 1) / servers : 2 * waiting;
  }

  // No more of the backend, whose rules may hold this.
  std::vector<std::shared_ptr<const backends::Server>> servers_;
  std::shared_ptr<stats::CounterSet> counters_;
  std::shared_ptr<backends::BackendState> state_;
};

}  // namespace

void ProxyStates::add_frontend(const std::string& name, std::shared_ptr<stats::CounterSet> counters) {
  frontends_[name] = std::make_shared<FrontendState>(std::move(counters));
}

void ProxyStates::add_backend(const backends::Backend& backend) {
  backends_[backend.name] = std::make_shared<BackendFigures>(backend);
  for (const auto& server : backend.servers)
    servers_[backend.name][server->state->name] = std::make_shared<ServerFigures>(server);
}

ProxyStates::State ProxyStates::find(const Named& named, std::string_view name) const {
  const auto found = named.find(name.empty() ? std::string_view(section_) : name);
  return found == named.end() ? nullptr : found->second;
}
ProxyStates::State ProxyStates::backend(std::string_view name) const {
  return find(backends_, name);
}
ProxyStates::State ProxyStates::frontend(std::string_view name) const {
  return find(frontends_, name);
}
ProxyStates::State ProxyStates::server(std::string_view name) const {
  return server_of(section_, name);
}
ProxyStates::State ProxyStates::server_of(std::string_view backend, std::string_view name) const {
  if (const std::size_t slash = name.find('/'); slash != std::string_view::npos) {
    backend = name.substr(0, slash);
    name.remove_prefix(slash + 1);
  }
  const auto servers = servers_.find(backend);
  if (servers == servers_.end()) return nullptr;
  const auto found = servers->second.find(name);
  return found == servers->second.end() ? nullptr : found->second;
}

}  // namespace reseal::runtime
