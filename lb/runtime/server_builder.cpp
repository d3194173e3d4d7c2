#include "lb/runtime/server_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "backends/hash.h"
#include "lb/config/server_host.h"
#include "lb/runtime/configured_words.h"

namespace reseal::runtime {
namespace {

using config::Severity;

config::Hop hop_of(const config::Backend& backend, const config::Server& server) {
  return server.hop ? *server.hop
                    : config::Hop{backend.tls, backend.protocol, backend.send_proxy, backend.proxy_additions};
}

const std::optional<config::Check>& check_of(const config::Backend& backend, const config::Server& server) {
  return server.own_check ? server.own_check->check : backend.check;
}

/// The name the server certificate must carry: the server's own setting, the backend's, the host as
/// configured.
std::string expected_name(const config::ClientTls& tls, const config::Server& server) {
  if (!server.verify_host.empty()) return server.verify_host;
  return tls.verify_host.empty() ? server.host : tls.verify_host;
}

/// SNI carries names only, never addresses (RFC 6066 3).
std::string sni_for(const config::ClientTls& tls, const std::string& expected) {
  if (!tls.sni.empty()) return tls.sni;
  return net::Address::parse(expected, 0) ? std::string() : expected;
}

tls::PeerIdentity identity_of(const config::ClientTls& tls, const config::Server& server,
                              const std::string& text) {
  const std::string name = expected_name(tls, server);
  return {tls.verify ? name : std::string(), sni_for(tls, name), text};
}

/// Nobody says what is expected there but the request.
bool is_named_by_request(const config::ClientTls& tls, const config::Server& server) {
  return !tls.sni_expression.empty() && server.verify_host.empty() && tls.verify_host.empty();
}

/// A check has no request.
tls::PeerIdentity checked_identity(const config::ClientTls& tls, const config::Server& server,
                                   const std::string& text) {
  tls::PeerIdentity peer = identity_of(tls, server, text);
  peer.any_name = is_named_by_request(tls, server);
  return peer;
}

/// A check comes from nobody but us.
std::string own_header(const net::ProxyForm& form) {
  net::ProxyHeader header;
  header.kind = net::ProxyHeader::Kind::kLocal;
  header.checksum = form.additions && form.additions->checksum;
  return net::write_proxy_header(header, form.version);
}

/// "_http._tcp.example.org": HAProxy knows a service by its beginning.
bool is_service(const config::Server& server) {
  return !server.options.resolvers.empty() && server.host.starts_with('_');
}

constexpr const char* kDisabled = "disabled in the configuration";
constexpr const char* kNoAddress = "its name has no address for it";

void prefer(char family, std::vector<net::Address>& addresses) {
  if (family == 0) return;
  const int wanted = family == '4' ? AF_INET : AF_INET6;
  std::ranges::stable_partition(addresses,
                                [&](const net::Address& address) { return address.family() == wanted; });
}

}  // namespace

void ServerBuilder::build(const config::Backend& settings, const backends::Backend* old,
                          backends::Backend& backend) {
  for (const config::Server& server : settings.servers) {
    const config::Hop hop = hop_of(settings, server);
    build_server(settings, server, hop, old, backend);
  }
}

void ServerBuilder::build_server(const config::Backend& settings, const config::Server& server,
                                 const config::Hop& hop, const backends::Backend* old,
                                 backends::Backend& backend) {
  const auto kept = resolved_before(server, old);
  const auto found = kept != nullptr ? Found{kept->address.get(), kept->unresolved ? kNoAddress : ""}
                                     : resolve(settings, server, hop);
  auto context = hop.tls ? context_for(settings, *hop.tls) : nullptr;
  if (!found || (hop.tls && context == nullptr)) return;
  auto built = std::make_shared<backends::Server>();
  const std::string out_of_service = !found->missing.empty() ? found->missing
                                     : server.maintenance    ? kDisabled
                                                             : "";
  built->state = kept != nullptr ? kept : state_of(settings, server, found->address, old, backend);
  // A new one is seen by nobody yet, and traffic must not come before the monitor has been told.
  if (built->state.use_count() == 1) {
    built->state->maintenance = !out_of_service.empty();
    built->state->unresolved = !found->missing.empty();
  }
  built->backend_counters = backend.counters;
  built->tls = std::move(context);
  if (hop.tls) {
    built->peer = identity_of(*hop.tls, server, built->state->text());
    built->name_of_request = hop.tls->sni_expression;
    built->verifies_name_of_request = hop.tls->verify;
  }
  built->id = server.id != 0 ? static_cast<std::uint32_t>(server.id)
                             : static_cast<std::uint32_t>(backend.servers.size() + 1);
  built->sends_probes = settings.connections.sends_probes;
  if (!server.options.resolvers.empty()) built->resolved_host = server.host;
  built->weight = static_cast<std::uint32_t>(server.weight);
  built->max_requests =
      static_cast<std::uint32_t>(std::max(server.max_requests, server.options.min_requests));
  built->max_connections = static_cast<std::uint32_t>(server.max_connections);
  built->backup = server.backup;
  built->slow_start = server.options.slow_start.value_or(settings.slow_start);
  backend.slow_start = std::max(backend.slow_start, built->slow_start);
  built->may_be_limited = server.options.agent.has_value();
  built->may_end_sessions =
      server.options.ends_sessions_when_down ||
      (server.backup && std::ranges::any_of(settings.servers, [](const config::Server& other) {
         return other.options.ends_backup_sessions_when_up;
       }));
  built->identity = backends::hash_bytes(server.name);
  built->protocol = to_protocol(hop.protocol);
  built->passthrough = settings.tls_passthrough;
  if (const auto version = to_proxy_version(hop.send_proxy)) {
    built->send_proxy = net::ProxyForm{*version, hop.proxy_additions};
    auto& forms = backend.proxy_forms;
    if (std::ranges::find(forms, *built->send_proxy) == forms.end()) forms.push_back(*built->send_proxy);
  }
  built->port_offset = server.options.port_offset;
  built->min_requests = static_cast<std::uint32_t>(server.options.min_requests);
  built->redirect_prefix = server.options.redirect_prefix;
  if (!server.options.source.empty()) {
    if (auto source = net::Address::parse(server.options.source, server.options.source_port))
      built->source = *source;  // validation has seen that it is one
  }
  built->connect_timeout = settings.timeouts.connect;
  built->idle_timeout = settings.timeouts.idle;
  built->pool_idle = settings.timeouts.pool_idle;
  built->pool_size = static_cast<std::size_t>(settings.pool_size);
  const config::Passive& passive = server.passive ? *server.passive : settings.passive;
  if (passive.enabled) {
    built->suspect_after_connect_failures = passive.connect_failures;
    built->suspect_after_server_errors = passive.server_errors;
  }
  backend.servers.push_back(built);
  resolve_later(server, *built);
  watch(settings, server, hop, *built, out_of_service);
}

void ServerBuilder::watch(const config::Backend& settings, const config::Server& server,
                          const config::Hop& hop, const backends::Server& built,
                          const std::string& out_of_service) {
  health::MonitoredServer monitored;
  monitored.state = built.state;
  monitored.passive = server.passive ? *server.passive : settings.passive;
  monitored.outlier = settings.outlier;
  monitored.panic_threshold = settings.panic_threshold;
  monitored.weight = built.weight;
  monitored.counts = built.weight != 0 && !built.backup;
  monitored.backup = built.backup;
  monitored.out_of_service = out_of_service;
  monitored.disabled = server.maintenance ? kDisabled : "";
  monitored.agent = server.options.agent;
  monitored.ends_sessions_when_down = server.options.ends_sessions_when_down;
  monitored.ends_backup_sessions_when_up = server.options.ends_backup_sessions_when_up;
  monitored.check = check_of(settings, server);
  if (monitored.check && (out_of_service.empty() || !server.options.resolvers.empty())) {
    health::TrafficPath path;
    path.address = built.state->address.get();
    path.socket = built.state->address.socket();
    path.tls = built.tls;
    if (hop.tls) path.peer = checked_identity(*hop.tls, server, built.state->text());
    if (server.own_check && server.own_check->tls) {
      path.check_tls = context_for(settings, *server.own_check->tls);
      if (!hop.tls) path.peer = checked_identity(*server.own_check->tls, server, built.state->text());
      if (path.check_tls == nullptr) return;
    }
    path.host = built.peer.verify_host.empty() ? server.host : built.peer.verify_host;
    path.protocol = built.protocol;
    path.source = built.source;
    path.proxy_header = own_header(built.send_proxy.value_or(net::ProxyForm()));
    if (built.send_proxy) path.preface = path.proxy_header;
    auto plan = health::make_check_plan(*monitored.check, path);
    if (!plan) {
      report_once(
          Severity::kError, monitored.check->place,
          fmt::format("backend '{}': check of server '{}': {}", settings.name, server.name, plan.error()));
      return;
    }
    monitored.plan = std::move(*plan);
  } else {
    monitored.check.reset();
  }
  const std::string name = settings.name + "/" + server.name;
  by_name_[name] = monitored_.size();
  if (!server.options.tracks.empty())
    tracking_.push_back({monitored_.size(), server.options.tracks, server.place});
  monitored_.push_back(std::move(monitored));
}

void ServerBuilder::resolve_later(const config::Server& server, const backends::Server& built) {
  const config::ServerOptions& options = server.options;
  if (options.resolvers.empty() || net::Address::parse(server.host, 0)) return;
  ResolvedServer resolved;
  resolved.state = built.state;
  resolved.resolvers = options.resolvers;
  resolved.host = server.host;
  resolved.port = server.port;
  resolved.is_service = is_service(server);
  if (options.prefers_family == '4') resolved.family = AF_INET;
  for (const std::string& network : options.prefers_networks) (void)resolved.networks.add(network);
  resolved.shares = options.shares_addresses;
  resolved.keeps_weight = options.keeps_weight;
  resolved_.push_back(std::move(resolved));
}

std::shared_ptr<backends::ServerState> ServerBuilder::resolved_before(const config::Server& server,
                                                                      const backends::Backend* old) {
  if (old == nullptr || server.options.resolvers.empty()) return nullptr;
  for (const auto& candidate : old->servers) {
    const bool same = candidate->state->name == server.name && candidate->resolved_host == server.host &&
                      (is_service(server) || candidate->state->address.get().port() == server.port);
    if (same) return candidate->state;
  }
  return nullptr;
}

std::vector<health::MonitoredServer> ServerBuilder::take_monitored() {
  std::map<std::size_t, std::size_t> follows;
  for (const Tracking& tracking : tracking_) {
    const auto found = by_name_.find(tracking.name);
    if (found == by_name_.end()) {
      report_once(Severity::kError, tracking.place,
                  fmt::format("there is no server '{}' to track", tracking.name));
      continue;
    }
    follows[tracking.server] = found->second;
    monitored_[tracking.server].tracked = monitored_[found->second].state;
  }
  for (const Tracking& tracking : tracking_) {
    std::size_t at = tracking.server;
    std::size_t steps = 0;
    for (auto next = follows.find(at); next != follows.end() && steps <= follows.size(); ++steps) {
      at = next->second;
      next = follows.find(at);
    }
    const bool loops = steps > follows.size();
    if (loops) {
      report_once(Severity::kError, tracking.place, "servers track each other in a circle");
    } else if (!monitored_[at].check && monitored_[at].out_of_service.empty()) {
      report_once(Severity::kError, tracking.place,
                  fmt::format("server '{}' is tracked, and not checked", tracking.name));
    }
  }
  return std::move(monitored_);
}

std::shared_ptr<backends::ServerState> ServerBuilder::state_of(const config::Backend& settings,
                                                               const config::Server& server,
                                                               const net::Address& address,
                                                               const backends::Backend* old,
                                                               const backends::Backend& backend) const {
  const std::string socket = config::is_socket(server.host) ? config::socket_of(server.host) : std::string();
  if (old != nullptr) {
    for (const auto& candidate : old->servers) {
      if (candidate->state->name == server.name && candidate->state->address.get() == address &&
          candidate->state->address.socket() == socket)
        return candidate->state;
    }
  }
  auto state = std::make_shared<backends::ServerState>(settings.name, server.name, address, workers_,
                                                       backend.state, socket);
  state->first_generation = backend.generation;
  const auto& check = check_of(settings, server);
  if (check && !check->initially_up) state->health = backends::Health::kDown;
  return state;
}

ServerBuilder::Found ServerBuilder::missing(const config::Server& server, std::string why) {
  // Whatever the family: a place for the port, until the name leads somewhere.
  return {net::Address::parse("0.0.0.0", server.port).value_or(net::Address()), std::move(why)};
}

std::optional<ServerBuilder::Found> ServerBuilder::resolve(const config::Backend& backend,
                                                           const config::Server& server,
                                                           const config::Hop& hop) {
  const config::ServerOptions& options = server.options;
  if (is_service(server)) return missing(server, "the name servers have not been asked yet");
  if (config::is_socket(server.host)) return Found{net::Address::of_unix_client(0), ""};
  auto addresses = net::Address::resolve(server.host, server.port);
  for (const std::string& fallback : options.fallbacks) {
    if (!addresses) addresses = net::Address::resolve(fallback, server.port);
  }
  if (!addresses) {
    const std::string why =
        fmt::format("the name '{}' cannot be resolved: {}", server.host, addresses.error().detail);
    if (options.may_lack_address) return missing(server, why);
    report_(Severity::kError, server.place,
            fmt::format("backend '{}', server '{}': {}; check the name and this "
                        "machine's resolver, or write an IP address",
                        backend.name, server.name, why));
    return std::nullopt;
  }
  prefer(options.prefers_family, *addresses);
  const auto index = static_cast<std::size_t>(options.address_index);
  if (index >= addresses->size()) {
    return missing(server, fmt::format("the name '{}' has no more than {}", server.host, addresses->size()));
  }
  const net::Address& address = (*addresses)[index];
  // Validation judges the spelling; a name is judged by where it leads.
  if (!hop.tls && !backend.tls_passthrough && backend.plaintext == config::Plaintext::kRefused &&
      !address.is_loopback()) {
    report_(
        Severity::kError, server.place,
        fmt::format(
            "backend '{}', server '{}': requests would cross the network to {} ({}) in plaintext; give the "
            "backend a `tls:` section, or spell out `plaintext: allowed`",
            backend.name, server.name, server.host, address.text()));
  }
  return Found{address, ""};
}

std::shared_ptr<const tls::ClientContext> ServerBuilder::context_for(const config::Backend& backend,
                                                                     const config::ClientTls& tls) {
  tls::ClientContextOptions options;
  options.ca = tls.ca;
  options.revoked = tls.revoked;
  options.certificate = tls.certificate;
  options.key = tls.key;
  options.verify = tls.verify;
  options.min_version = to_tls(tls.min_version);
  options.max_version = to_tls(tls.max_version);
  options.ciphers = tls.ciphers;
  options.ciphersuites = tls.ciphersuites;
  const auto place_of = [&](const tls::TlsProblem& problem) {
    if (problem.file.empty()) return tls.place;
    if (problem.file == tls.ca) return tls.ca_place;
    if (problem.file == tls.key) return tls.key_place;
    return problem.file == tls.certificate ? tls.certificate_place : tls.place;
  };
  const auto tell = [&](Severity severity, const tls::TlsProblem& problem) {
    report_once(severity, place_of(problem),
                fmt::format("backend '{}': {}{}{}", backend.name, problem.file,
                            problem.file.empty() ? "" : ": ", problem.message));
  };
  auto context = contexts_.get(options, previous_);
  if (!context) {
    for (const tls::TlsProblem& problem : context.error()) tell(Severity::kError, problem);
    return nullptr;
  }
  for (const tls::TlsProblem& warning : (*context)->warnings()) tell(Severity::kWarning, warning);
  return *context;
}

void ServerBuilder::report_once(Severity severity, config::Place place, const std::string& message) {
  if (told_.insert(message).second) report_(severity, place, message);
}

}  // namespace reseal::runtime
