#include "lb/runtime/generation_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "backends/hash.h"
#include "lb/net/cidr.h"
#include "lb/runtime/backend_policies.h"
#include "lb/runtime/configured_words.h"
#include "lb/runtime/rule_builder.h"
#include "lb/runtime/rule_set_builder.h"
#include "tls/server_context.h"

namespace reseal::runtime {
namespace {

template <class Entity>
std::shared_ptr<stats::CounterSet> counters_of(const Entity* old, int workers) {
  return old != nullptr ? old->counters : std::make_shared<stats::CounterSet>(workers);
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

}  // namespace

GenerationBuilder::GenerationBuilder(const config::Configuration& configuration, int workers,
                                     const std::shared_ptr<tls::TicketKeys>& ticket_keys,
                                     const Generation* previous, LogThread* logs)
    : configuration_(configuration),
      workers_(workers),
      ticket_keys_(ticket_keys),
      cookie_hash_(previous != nullptr ? previous->cookie_hash_ : std::make_shared<const tls::KeyedHash>()),
      previous_(previous),
      log_builder_(logs,
                   [this](config::Place place, std::string message) {
                     report(config::Severity::kError, place, std::move(message));
                   }),
      rule_sets_([this](const std::string& name) { return backend_index(name); },
                 [this](config::Place place, const std::string& message) {
                   report(config::Severity::kError, place, message);
                 }) {}

void GenerationBuilder::report(config::Severity severity, config::Place place, std::string message) {
  problems_.push_back({severity, configuration_.file, place, std::move(message), {}});
}

Generation::Built GenerationBuilder::build() {
  auto table = std::make_shared<proxy::RoutingTable>();
  for (const config::Backend& backend : configuration_.backends)
    table->backends.push_back(build_backend(backend));
  std::vector<std::shared_ptr<proxy::Frontend>> frontends;
  for (const config::Frontend& frontend : configuration_.frontends)
    frontends.push_back(build_frontend(frontend));
  build_rule_sets(*table, frontends);
  table->frontends.assign(frontends.begin(), frontends.end());
  std::map<std::string, std::vector<stats::LogTarget>> message_targets;
  for (const config::Backend& backend : configuration_.backends) {
    if (!backend.message_logs.empty())
      message_targets[backend.name] = log_builder_.build_targets(backend.message_logs);
  }
  if (config::has_error(problems_)) return {nullptr, std::move(problems_)};
  std::shared_ptr<Generation> generation(new Generation);
  generation->configuration_ = configuration_;
  generation->routing_ = std::move(table);
  generation->cookie_hash_ = cookie_hash_;
  generation->client_contexts_ = std::move(client_contexts_);
  generation->message_targets_ = std::move(message_targets);
  return {std::move(generation), std::move(problems_)};
}

void GenerationBuilder::build_rule_sets(proxy::RoutingTable& table,
                                        std::vector<std::shared_ptr<proxy::Frontend>>& frontends) {
  for (std::size_t i = 0; i < frontends.size(); ++i) {
    table.has_rule_sets = table.has_rule_sets || frontends[i]->router.has_expressions();
    auto rules = rule_sets_.build(configuration_.frontends[i].rule_lines);
    if (rules == nullptr) continue;
    table.has_rule_sets = true;
    frontends[i]->looks_at_hello = frontends[i]->is_tcp && frontends[i]->tls == nullptr &&
                                   (rules->needs() & rules::expression::kNeedsClientHello) != 0;
    frontends[i]->rule_set = std::move(rules);
  }
  for (std::size_t i = 0; i < configuration_.backends.size(); ++i) {
    const config::Backend& backend = configuration_.backends[i];
    table.backend_names.emplace(backend.name, static_cast<std::uint32_t>(i));
    if (backend.rule_lines == config::RuleLines()) continue;
    // The two sides of a `listen` have their rules in common.
    const auto twin = std::ranges::find_if(configuration_.frontends, [&](const config::Frontend& frontend) {
      return frontend.name == backend.name && frontend.rule_lines == backend.rule_lines;
    });
    table.backend_rules.resize(configuration_.backends.size());
    table.backend_rules[i] =
        twin != configuration_.frontends.end()
            ? frontends[static_cast<std::size_t>(twin - configuration_.frontends.begin())]->rule_set
            : rule_sets_.build(backend.rule_lines);
    table.has_rule_sets = true;
  }
  for (std::size_t i = 0; i < frontends.size(); ++i) {
    log_builder_.build(configuration_, configuration_.frontends[i], rule_sets_.environment(), *frontends[i]);
    // What they evaluate is what rules see, TLS and variables included.
    if ((frontends[i]->log_needs & stats::kLogNeedsEvaluation) != 0) table.has_rule_sets = true;
  }
  table.variable_counts = rule_sets_.variable_counts();
}

// ---- frontends

std::shared_ptr<proxy::Frontend> GenerationBuilder::build_frontend(const config::Frontend& settings) {
  const proxy::Frontend* old = old_frontend(settings.name);
  auto frontend = std::make_shared<proxy::Frontend>();
  frontend->name = settings.name;
  frontend->counters = counters_of(old, workers_);
  if (settings.tls) frontend->tls = build_server_tls(settings, old);
  build_request_settings(settings, *frontend);
  frontend->set_forwarding_fields = settings.forwarded == config::ForwardedFields::kSet;
  frontend->is_tcp = settings.mode == config::Mode::kTcp;
  frontend->passthrough = settings.tls_passthrough;
  const auto add_blocks = [&](const std::vector<std::string>& blocks, const char* key, net::CidrSet& to) {
    for (const std::string& block : blocks) {
      if (const auto added = to.add(block); !added) {
        report(config::Severity::kError, settings.place,
               fmt::format("frontend '{}': {}: '{}': {}", settings.name, key, block, added.error()));
      }
    }
  };
  add_blocks(settings.trusted_proxies, "trusted_proxies", frontend->trusted_proxies);
  add_blocks(settings.accept_proxy, "accept_proxy", frontend->proxy_senders);
  const config::Timeouts& timeouts = settings.timeouts;
  frontend->timeouts = {timeouts.handshake,    timeouts.request_head,   timeouts.request_body,
                        timeouts.keep_alive,   timeouts.response_write, settings.tarpit,
                        settings.inspect_delay};
  frontend->limits.head_bytes = settings.max_head_bytes;
  frontend->limits.target_bytes =
      std::min<std::size_t>(frontend->limits.target_bytes, settings.max_head_bytes);
  frontend->limits.fields = settings.max_fields;
  frontend->limits.streams = settings.max_streams;
  frontend->h2c = settings.h2c == config::H2c::kAllowed;
  frontend->cause_header = settings.cause_header;
  frontend->limits.allow_connect = settings.connect == config::Connect::kAllowed;
  return frontend;
}

void GenerationBuilder::build_request_settings(const config::Frontend& settings, proxy::Frontend& frontend) {
  RuleBuilder rules([this](const std::string& name) { return backend_index(name); },
                    [&](config::Place place, const std::string& message) {
                      report(config::Severity::kError, place,
                             fmt::format("frontend '{}': {}", settings.name, message));
                    },
                    rule_sets_.environment());
  frontend.router = rules.build_router(settings);
  frontend.error_pages = rules.build_error_pages(settings);
  frontend.path = {settings.path.encoded_slash == config::OddPath::kKeep,
                   settings.path.backslash == config::OddPath::kKeep};
  frontend.sends_path_as_received = settings.path.send == config::SentPath::kAsReceived;
  frontend.underscore_fields = to_underscores(settings.underscore_fields);
  frontend.request_id = to_request_id(settings.request_id);
  if (settings.max_body_size) frontend.max_body_bytes = *settings.max_body_size;
}

std::shared_ptr<const tls::ServerContext> GenerationBuilder::build_server_tls(
    const config::Frontend& settings, const proxy::Frontend* old) {
  const config::ServerTls& tls = *settings.tls;
  tls::ServerContextOptions options;
  options.certificates = tls.certificates;
  options.min_version = to_tls(tls.min_version);
  options.max_version = to_tls(tls.max_version);
  options.ciphers = tls.ciphers;
  options.ciphersuites = tls.ciphersuites;
  options.alpn = tls.alpn;
  options.session_tickets = tls.session_tickets;
  options.session_id_context = settings.name;
  const auto place_of = [&](const tls::TlsProblem& problem) {
    const std::size_t index = problem.index_of_certificate;
    return index < tls.certificate_places.size() ? tls.certificate_places[index] : tls.place;
  };
  auto context = tls::ServerContext::create(options, ticket_keys_, old != nullptr ? old->tls : nullptr);
  if (!context) {
    for (const tls::TlsProblem& problem : context.error()) {
      report(config::Severity::kError, place_of(problem),
             fmt::format("frontend '{}': certificate {}: {}", settings.name, problem.file, problem.message));
    }
    return nullptr;
  }
  for (const tls::TlsProblem& warning : (*context)->warnings()) {
    report(config::Severity::kWarning, place_of(warning),
           fmt::format("frontend '{}': certificate {}: {}", settings.name, warning.file, warning.message));
  }
  return *context;
}

// ---- backends

std::shared_ptr<const backends::Backend> GenerationBuilder::build_backend(const config::Backend& settings) {
  const backends::Backend* old = old_backend(settings.name);
  auto backend = std::make_shared<backends::Backend>();
  backend->name = settings.name;
  backend->generation = old != nullptr ? old->generation + 1 : 0;
  backend->method = to_method(settings.balance.kind);
  backend->hash_header = settings.balance.header;
  backend->state = old != nullptr ? old->state : std::make_shared<backends::BackendState>();
  apply_resilience(settings, *backend);
  backend->response_timeout = settings.timeouts.response;
  backend->idle_timeout = settings.timeouts.idle;
  backend->tunnel_timeouts = {settings.timeouts.tunnel, settings.timeouts.tunnel_half_closed};
  backend->send_proxy = to_proxy_version(settings.send_proxy);
  backend->counters = counters_of(old, workers_);
  build_policies(settings, old, *backend);
  std::shared_ptr<const tls::ClientContext> tls;
  if (settings.tls) {
    tls = build_client_tls(settings);
    if (tls == nullptr) {
      // Reported; what else is wrong is told all the same.
      for (const config::Server& server : settings.servers) (void)resolve(settings, server);
      return backend;
    }
  }
  for (const config::Server& server : settings.servers) {
    if (auto built = build_server(settings, server, tls, old, *backend))
      backend->servers.push_back(std::move(built));
  }
  return backend;
}

void GenerationBuilder::build_policies(const config::Backend& settings, const backends::Backend* old,
                                       backends::Backend& backend) {
  backend.compression = make_compression(settings);
  auto persistence = make_persistence(settings, *cookie_hash_, old);
  if (persistence) {
    backend.persistence = std::move(*persistence);
  } else {
    report(config::Severity::kError, settings.persistence->cookie->key_file_place,
           fmt::format("backend '{}': persistence: {}", settings.name, persistence.error()));
  }
}

std::shared_ptr<const tls::ClientContext> GenerationBuilder::build_client_tls(
    const config::Backend& settings) {
  const config::ClientTls& tls = *settings.tls;
  tls::ClientContextOptions options;
  options.ca = tls.ca;
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
  auto context = client_contexts_.get(options, previous_ != nullptr ? &previous_->client_contexts_ : nullptr);
  if (!context) {
    for (const tls::TlsProblem& problem : context.error()) {
      report(config::Severity::kError, place_of(problem),
             fmt::format("backend '{}': {}{}{}", settings.name, problem.file,
                         problem.file.empty() ? "" : ": ", problem.message));
    }
    return nullptr;
  }
  for (const tls::TlsProblem& warning : (*context)->warnings()) {
    report(config::Severity::kWarning, place_of(warning),
           fmt::format("backend '{}': {}: {}", settings.name, warning.file, warning.message));
  }
  return *context;
}

std::shared_ptr<const backends::Server> GenerationBuilder::build_server(
    const config::Backend& backend, const config::Server& settings,
    std::shared_ptr<const tls::ClientContext> tls, const backends::Backend* old,
    const backends::Backend& built) {
  const auto address = resolve(backend, settings);
  if (!address) return nullptr;
  auto server = std::make_shared<backends::Server>();
  if (old != nullptr) {
    for (const auto& candidate : old->servers) {
      if (candidate->state->name == settings.name && candidate->state->address == *address) {
        server->state = candidate->state;
      }
    }
  }
  if (server->state == nullptr) {
    server->state =
        std::make_shared<backends::ServerState>(backend.name, settings.name, *address, workers_, built.state);
    server->state->first_generation = built.generation;
    if (backend.check && !backend.check->initially_up) server->state->health = backends::Health::kDown;
  }
  server->backend_counters = built.counters;
  server->tls = std::move(tls);
  if (backend.tls) {
    server->peer.verify_host = backend.tls->verify ? expected_name(*backend.tls, settings) : std::string();
    server->peer.sni = sni_for(*backend.tls, expected_name(*backend.tls, settings));
    server->peer.server_name = server->state->text();
  }
  server->weight = static_cast<std::uint32_t>(settings.weight);
  server->max_requests = static_cast<std::uint32_t>(settings.max_requests);
  server->max_connections = static_cast<std::uint32_t>(settings.max_connections);
  server->backup = settings.backup;
  server->identity = backends::hash_bytes(settings.name);
  server->protocol = to_protocol(backend.protocol);
  server->passthrough = backend.tls_passthrough;
  server->connect_timeout = backend.timeouts.connect;
  server->idle_timeout = backend.timeouts.idle;
  server->pool_idle = backend.timeouts.pool_idle;
  server->pool_size = static_cast<std::size_t>(backend.pool_size);
  if (backend.passive.enabled) {
    server->suspect_after_connect_failures = backend.passive.connect_failures;
    server->suspect_after_server_errors = backend.passive.server_errors;
  }
  return server;
}

std::optional<net::Address> GenerationBuilder::resolve(const config::Backend& backend,
                                                       const config::Server& server) {
  const auto addresses = net::Address::resolve(server.host, server.port);
  if (!addresses) {
    report(config::Severity::kError, server.place,
           fmt::format(
               "backend '{}', server '{}': the name '{}' cannot be resolved: {}; check the name and this "
               "machine's resolver, or write an IP address",
               backend.name, server.name, server.host, addresses.error().detail));
    return std::nullopt;
  }
  const net::Address address = addresses->front();
  // Validation judges the spelling; a name is judged by where it leads.
  if (!backend.tls && !backend.tls_passthrough && backend.plaintext == config::Plaintext::kRefused &&
      !address.is_loopback()) {
    report(
        config::Severity::kError, server.place,
        fmt::format(
            "backend '{}', server '{}': requests would cross the network to {} ({}) in plaintext; give the "
            "backend a `tls:` section, or spell out `plaintext: allowed`",
            backend.name, server.name, server.host, address.text()));
  }
  return address;
}

// ---- looking up

std::optional<std::uint32_t> GenerationBuilder::backend_index(const std::string& name) const {
  for (std::uint32_t i = 0; i < configuration_.backends.size(); ++i) {
    if (configuration_.backends[i].name == name) return i;
  }
  return std::nullopt;
}

const proxy::Frontend* GenerationBuilder::old_frontend(const std::string& name) const {
  if (previous_ == nullptr) return nullptr;
  for (const auto& frontend : previous_->routing()->frontends) {
    if (frontend->name == name) return frontend.get();
  }
  return nullptr;
}

const backends::Backend* GenerationBuilder::old_backend(const std::string& name) const {
  if (previous_ == nullptr) return nullptr;
  for (const auto& backend : previous_->routing()->backends) {
    if (backend->name == name) return backend.get();
  }
  return nullptr;
}

}  // namespace reseal::runtime
