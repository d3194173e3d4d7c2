#include "lb/runtime/generation.h"

#include "lb/runtime/generation_builder.h"

namespace reseal::runtime {

Generation::Built Generation::build(const config::Configuration& configuration, int workers,
                                    const std::shared_ptr<tls::TicketKeys>& ticket_keys,
                                    const Generation* previous, LogThread* logs) {
  return GenerationBuilder(configuration, workers, ticket_keys, previous, logs).build();
}

namespace {

/// A check comes from nobody but us.
std::string probe_preface(const std::optional<net::ProxyVersion>& version) {
  net::ProxyHeader header;
  header.kind = net::ProxyHeader::Kind::kLocal;
  return version ? net::write_proxy_header(header, *version) : std::string();
}

}  // namespace

std::span<const stats::LogTarget> Generation::message_targets(const std::string& backend) const {
  const auto found = message_targets_.find(backend);
  if (found == message_targets_.end()) return {};
  return found->second;
}

std::vector<health::MonitoredServer> Generation::monitored() const {
  std::vector<health::MonitoredServer> servers;
  for (std::size_t b = 0; b < routing_->backends.size(); ++b) {
    const config::Backend& settings = configuration_.backends[b];
    for (std::size_t s = 0; s < settings.servers.size(); ++s) {
      const backends::Server& server = *routing_->backends[b]->servers[s];
      const std::string& host =
          server.peer.verify_host.empty() ? settings.servers[s].host : server.peer.verify_host;
      servers.push_back({server.state, server.tls, server.peer, host, settings.check, settings.passive,
                         server.protocol, settings.outlier, settings.panic_threshold,
                         server.weight != 0 && !server.backup, server.backup,
                         probe_preface(routing_->backends[b]->send_proxy)});
    }
  }
  return servers;
}

std::vector<config::Problem> check_configuration(const config::Configuration& configuration) {
  return Generation::build(configuration, 1, std::make_shared<tls::TicketKeys>(), nullptr, nullptr).problems;
}

}  // namespace reseal::runtime
