#include "lb/runtime/haproxy_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "health/check_texts.h"

namespace reseal::runtime {
namespace {

using stats::LogLevel;

constexpr std::size_t kMostMessage = 2048;

const config::Backend* find_backend(const config::Configuration& configuration, std::string_view name) {
  const auto found = std::ranges::find(configuration.backends, name, &config::Backend::name);
  return found == configuration.backends.end() ? nullptr : &*found;
}

std::string stopped_text(std::string_view name, std::uint64_t clients, std::uint64_t requests) {
  return fmt::format("Proxy {} stopped (cumulated conns: FE: {}, BE: {}).", name, clients, requests);
}

}  // namespace

void HaproxyMessages::tell_server_changed(const health::MonitoredServer& monitored,
                                          const health::ProbeResult& told, health::ServersUp servers) {
  const backends::ServerState& server = *monitored.state;
  const config::Backend* backend = find_backend(generation_->configuration(), server.backend);
  if (backend == nullptr || backend->message_logs.empty()) return;
  const auto targets = generation_->message_targets(server.backend);
  const bool is_by_check = told.status != config::CheckStatus::kUnknown;
  const backends::ServerState* tracked = monitored.tracked.get();
  const std::string reason =
      (tracked != nullptr ? fmt::format(" via {}/{}", tracked->backend, tracked->name) : "") +
      (is_by_check ? ", " + health::reason_text(told) : "");
  const char* on_backup = servers.active == 0 && servers.backup != 0 ? " Running on backup." : "";
  const std::string who =
      fmt::format("{}Server {}/{}", monitored.backup ? "Backup " : "", server.backend, server.name);
  if (server.is_up()) {
    send(targets, LogLevel::kNotice,
         fmt::format(
             "{} is UP{}. {} active and {} backup servers online.{} 0 sessions requeued, 0 total in queue.",
             who, reason, servers.active, servers.backup, on_backup));
    return;
  }
  send(targets, LogLevel::kAlert,
       fmt::format("{} is DOWN{}. {} active and {} backup servers left.{} {} sessions active, 0 requeued, 0 "
                   "remaining in queue.",
                   who, reason, servers.active, servers.backup, on_backup,
                   std::max<std::int64_t>(0, server.counters.in_flight())));
  if (servers.active + servers.backup == 0) {
    send(targets, LogLevel::kEmergency,
         fmt::format("{} {} has no server available!", backend->is_listen ? "proxy" : "backend",
                     backend->name));
  }
}

void HaproxyMessages::tell(const backends::ServerState& server, LogLevel level, std::string_view line) {
  send(generation_->message_targets(server.backend), level, line);
}

void HaproxyMessages::tell_stopped() {
  const config::Configuration& configuration = generation_->configuration();
  const auto requests_of = [&](std::string_view name) {
    const auto& backends = generation_->routing()->backends;
    const auto found =
        std::ranges::find_if(backends, [&](const auto& backend) { return backend->name == name; });
    return found == backends.end() ? 0 : (*found)->counters->requests();
  };
  for (const auto& frontend : generation_->routing()->frontends) {
    if (!frontend->log_policy.messages) continue;
    const config::Backend* own = find_backend(configuration, frontend->name);
    const bool is_listen = own != nullptr && own->is_listen;
    for (const proxy::AccessLog& log : frontend->access_logs) {
      send({&log.target, 1}, LogLevel::kWarning,
           stopped_text(frontend->name, frontend->counters->total().connections,
                        is_listen ? requests_of(frontend->name) : 0));
    }
  }
  for (const config::Backend& backend : configuration.backends) {
    if (backend.is_listen) continue;
    send(generation_->message_targets(backend.name), LogLevel::kWarning,
         stopped_text(backend.name, 0, requests_of(backend.name)));
  }
}

void HaproxyMessages::send(std::span<const stats::LogTarget> targets, LogLevel level, std::string_view text) {
  const auto now = std::chrono::floor<Microseconds>(std::chrono::system_clock::now());
  for (const stats::LogTarget& target : targets) {
    if (!target.takes(level)) continue;
    std::array<char, kMostMessage> room;
    stats::LogLine line({room.data(), room.size() - 1}, date_);
    target.write_header(level, now, {}, line);
    line.hash_escaped(text, stats::LogLine::Hashed::kControls, false);
    target.finish(line);
    room[line.size()] = '\n';
    target.channel->hand_over({room.data(), line.size() + 1}, 1);
  }
}

}  // namespace reseal::runtime
