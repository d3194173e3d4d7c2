#include "lb/runtime/generation_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "lb/net/cidr.h"
#include "lb/runtime/backend_policies.h"
#include "lb/runtime/bind_builder.h"
#include "lb/runtime/configured_words.h"
#include "lb/runtime/full_load.h"
#include "lb/runtime/proxy_facts.h"
#include "lb/runtime/rule_builder.h"
#include "lb/runtime/rule_set_builder.h"

namespace reseal::runtime {
namespace {

template <class Entity>
std::shared_ptr<stats::CounterSet> counters_of(const Entity* old, int workers) {
  return old != nullptr ? old->counters : std::make_shared<stats::CounterSet>(workers);
}

std::shared_ptr<const proxy::StatsPage> make_page(const std::optional<config::StatsPage>& settings,
                                                  const std::string& proxy) {
  return settings ? std::make_shared<const proxy::StatsPage>(*settings, proxy) : nullptr;
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
                 [this](config::Severity severity, config::Place place, const std::string& message) {
                   report(severity, place, message);
                 },
                 stick_tables_, user_lists_, proxy_states_),
      servers_(client_contexts_, previous != nullptr ? &previous->client_contexts_ : nullptr, workers,
               [this](config::Severity severity, config::Place place, std::string message) {
                 report(severity, place, std::move(message));
               }) {}

void GenerationBuilder::report(config::Severity severity, config::Place place, std::string message) {
  problems_.push_back({severity, configuration_.file, place, std::move(message), {}});
}

Generation::Built GenerationBuilder::build() {
  auto table = std::make_shared<proxy::RoutingTable>();
  if (previous_ != nullptr) rule_sets_.keep_session_names(*previous_->routing()->session_names);
  stick_tables_.build(configuration_, previous_ != nullptr ? &previous_->stick_tables_ : nullptr);
  user_lists_.build(configuration_.user_lists, [this](config::Place place, const std::string& message) {
    report(config::Severity::kError, place, message);
  });
  rule_sets_.build_variables(configuration_.variables);
  std::vector<std::shared_ptr<backends::Backend>> backends;
  for (const config::Backend& backend : configuration_.backends) {
    backends.push_back(build_backend(backend));
    proxy_states_->add_backend(*backends.back());
    table->backend_statistics.push_back(make_page(backend.stats_page, backend.name));
  }
  // Rules of any proxy may ask about any other.
  std::vector<std::shared_ptr<stats::CounterSet>> frontend_counters;
  for (const config::Frontend& frontend : configuration_.frontends) {
    frontend_counters.push_back(counters_of(old_frontend(frontend.name), workers_));
    proxy_states_->add_frontend(frontend.name, frontend_counters.back());
  }
  std::vector<std::shared_ptr<proxy::Frontend>> frontends;
  for (const config::Frontend& frontend : configuration_.frontends)
    frontends.push_back(build_frontend(frontend, frontend_counters[frontends.size()]));
  build_rule_sets(*table, frontends, backends);
  table->frontends.assign(frontends.begin(), frontends.end());
  auto monitored = servers_.take_monitored();
  table->backends.assign(backends.begin(), backends.end());
  std::map<std::string, std::vector<stats::LogTarget>> message_targets;
  for (const config::Backend& backend : configuration_.backends) {
    if (!backend.message_logs.empty())
      message_targets[backend.name] = log_builder_.build_targets(backend.message_logs);
  }
  if (config::has_error(problems_)) return {nullptr, std::move(problems_)};
  auto pattern_files = rule_sets_.finish_pattern_files();
  std::shared_ptr<Generation> generation(new Generation);
  generation->pattern_files_ = std::move(pattern_files);
  generation->configuration_ = configuration_;
  generation->routing_ = std::move(table);
  generation->cookie_hash_ = cookie_hash_;
  generation->client_contexts_ = std::move(client_contexts_);
  generation->server_contexts_ = std::move(server_contexts_);
  generation->monitored_ = std::move(monitored);
  generation->resolved_ = servers_.take_resolved();
  generation->stick_tables_ = std::move(stick_tables_);
  generation->message_targets_ = std::move(message_targets);
  return {std::move(generation), std::move(problems_)};
}

void GenerationBuilder::build_rule_sets(proxy::RoutingTable& table,
                                        std::vector<std::shared_ptr<proxy::Frontend>>& frontends,
                                        std::vector<std::shared_ptr<backends::Backend>>& backends) {
  for (std::size_t i = 0; i < frontends.size(); ++i) {
    table.has_rule_sets = table.has_rule_sets || frontends[i]->router.has_expressions();
    const config::Frontend& settings = configuration_.frontends[i];
    auto rules = rule_sets_.build(settings.name, settings.rule_lines, settings.mode == config::Mode::kTcp);
    if (rules == nullptr) continue;
    table.has_rule_sets = true;
    frontends[i]->rule_set = std::move(rules);
  }
  // A backend of YAML has the mode of the frontends that lead to it.
  const bool has_tcp = std::ranges::any_of(configuration_.frontends, [](const config::Frontend& frontend) {
    return frontend.mode == config::Mode::kTcp;
  });
  for (std::size_t i = 0; i < configuration_.backends.size(); ++i) {
    const config::Backend& backend = configuration_.backends[i];
    if (!backend.error_pages.empty()) {
      table.backend_pages.resize(configuration_.backends.size());
      table.backend_pages[i] = build_error_pages(backend);
    }
    table.backend_is_tcp.push_back(backend.is_tcp);
    table.backend_names.emplace(backend.name, static_cast<std::uint32_t>(i));
    if (auto rules = rule_sets_.build_stick_rules(backend)) {
      backends[i]->stick_rules = std::move(rules);
      table.has_rule_sets = true;
    }
    backends[i]->names = rule_sets_.build_server_names(backend);
    const bool tells_tls = std::ranges::any_of(backends[i]->proxy_forms, [](const net::ProxyForm& form) {
      return form.additions && (form.additions->tls || form.additions->alpn || form.additions->authority);
    });
    table.has_rule_sets = table.has_rule_sets || !backends[i]->names.empty() || tells_tls;
    if (backend.rule_lines == config::RuleLines()) continue;
    // The two sides of a `listen` have their rules in common.
    const auto twin = std::ranges::find_if(configuration_.frontends, [&](const config::Frontend& frontend) {
      return frontend.name == backend.name && frontend.rule_lines == backend.rule_lines;
    });
    table.backend_rules.resize(configuration_.backends.size());
    table.backend_rules[i] =
        twin != configuration_.frontends.end()
            ? frontends[static_cast<std::size_t>(twin - configuration_.frontends.begin())]->rule_set
            : rule_sets_.build(backend.name, backend.rule_lines, backend.is_tcp || has_tcp);
    table.has_rule_sets = true;
  }
  for (std::size_t i = 0; i < frontends.size(); ++i) {
    rule_sets_.enter(configuration_.frontends[i].name);
    log_builder_.build(configuration_, configuration_.frontends[i], rule_sets_.environment(), *frontends[i]);
    // What they evaluate is what rules see, TLS and variables included.
    if ((frontends[i]->log_needs & stats::kLogNeedsEvaluation) != 0) table.has_rule_sets = true;
  }
  table.variable_counts = rule_sets_.variable_counts();
  for (auto& frontend : frontends) frontend->process_variables = rule_sets_.finish_variables();
  table.session_names = std::make_shared<const std::vector<std::string>>(
      rule_sets_.variables().names(rules::expression::Scope::kSession));
}

proxy::ErrorPages GenerationBuilder::build_error_pages(const config::Backend& settings) {
  const RuleBuilder rules([](const std::string&) { return std::nullopt; },
                          [&](config::Place place, const std::string& message) {
                            report(config::Severity::kError, place,
                                   fmt::format("backend '{}': {}", settings.name, message));
                          },
                          rule_sets_.environment());
  return rules.build_error_pages(settings.error_pages);
}

// ---- frontends

std::shared_ptr<proxy::Frontend> GenerationBuilder::build_frontend(
    const config::Frontend& settings, std::shared_ptr<stats::CounterSet> counters) {
  auto frontend = std::make_shared<proxy::Frontend>();
  frontend->name = settings.name;
  frontend->counters = std::move(counters);
  frontend->facts = {frontend_number(configuration_, settings), settings.default_backend,
                     settings.timeouts.response_write};
  const BindBuilder binds(server_contexts_, previous_ != nullptr ? &previous_->server_contexts_ : nullptr,
                          ticket_keys_,
                          [this](config::Severity severity, config::Place place, std::string message) {
                            report(severity, place, std::move(message));
                          });
  frontend->binds = binds.build(settings);
  build_request_settings(settings, *frontend);
  frontend->set_forwarding_fields = settings.forwarded == config::ForwardedFields::kSet;
  frontend->address_fields = build_address_fields(settings.address_fields, settings.place);
  const config::ClientConnections& connections = settings.connections;
  frontend->gate = std::make_shared<proxy::ClientGate>(static_cast<std::uint32_t>(connections.most),
                                                       static_cast<std::uint32_t>(connections.most_a_second));
  frontend->compression = make_compression(settings.compression);
  frontend->one_request = connections.one_request;
  frontend->server_closes = connections.server_closes;
  frontend->sends_probes = connections.sends_probes;
  frontend->is_tcp = settings.mode == config::Mode::kTcp;
  frontend->passthrough = settings.tls_passthrough;
  for (const std::string& block : settings.trusted_proxies) {
    if (const auto added = frontend->trusted_proxies.add(block); !added) {
      report(config::Severity::kError, settings.place,
             fmt::format("frontend '{}': trusted_proxies: '{}': {}", settings.name, block, added.error()));
    }
  }
  const config::Timeouts& timeouts = settings.timeouts;
  frontend->timeouts = {timeouts.handshake,    timeouts.request_head,   timeouts.request_body,
                        timeouts.keep_alive,   timeouts.response_write, settings.tarpit,
                        settings.inspect_delay};
  frontend->limits.head_bytes = settings.max_head_bytes;
  frontend->limits.target_bytes =
      std::min<std::size_t>(frontend->limits.target_bytes, settings.max_head_bytes);
  frontend->limits.fields = settings.max_fields;
  frontend->limits.streams = settings.max_streams;
  frontend->cause_header = settings.cause_header;
  frontend->unreachable_is_503 = settings.unreachable_is_503;
  frontend->stats_page = make_page(settings.stats_page, settings.name);
  frontend->limits.allow_connect = settings.connect == config::Connect::kAllowed;
  return frontend;
}

backends::AddressFields GenerationBuilder::build_address_fields(const config::AddressFields& settings,
                                                                config::Place place) {
  const auto build = [&](const config::AddressField& field) {
    backends::AddressField built{field.name, {}, field.if_none};
    for (const std::string& block : field.except) {
      if (const auto added = built.except.add(block); !added)
        report(config::Severity::kError, place,
               fmt::format("{}: except '{}': {}", field.name, block, added.error()));
    }
    return built;
  };
  return {build(settings.source), build(settings.destination)};
}

void GenerationBuilder::build_request_settings(const config::Frontend& settings, proxy::Frontend& frontend) {
  rule_sets_.enter(settings.name);
  RuleBuilder rules([this](const std::string& name) { return backend_index(name); },
                    [&](config::Place place, const std::string& message) {
                      report(config::Severity::kError, place,
                             fmt::format("frontend '{}': {}", settings.name, message));
                    },
                    rule_sets_.environment());
  frontend.router = rules.build_router(settings);
  frontend.error_pages = rules.build_error_pages(settings.error_pages);
  frontend.path = {settings.path.encoded_slash == config::OddPath::kKeep,
                   settings.path.backslash == config::OddPath::kKeep};
  frontend.sends_path_as_received = settings.path.send == config::SentPath::kAsReceived;
  frontend.underscore_fields = to_underscores(settings.underscore_fields);
  frontend.request_id = to_request_id(settings.request_id);
  if (settings.max_body_size) frontend.max_body_bytes = *settings.max_body_size;
}

// ---- backends

std::shared_ptr<backends::Backend> GenerationBuilder::build_backend(const config::Backend& settings) {
  const backends::Backend* old = old_backend(settings.name);
  auto backend = std::make_shared<backends::Backend>();
  backend->name = settings.name;
  backend->generation = old != nullptr ? old->generation + 1 : 0;
  apply_balance(settings.balance, *backend);
  backend->address_fields = build_address_fields(settings.address_fields, settings.place);
  backend->state = old != nullptr ? old->state : std::make_shared<backends::BackendState>();
  apply_resilience(settings, *backend);
  backend->full_load = full_load_of(configuration_, settings, workers_);
  backend->response_timeout = settings.timeouts.response;
  backend->idle_timeout = settings.timeouts.idle;
  backend->tunnel_timeouts = {settings.timeouts.tunnel, settings.timeouts.tunnel_half_closed};
  backend->counters = counters_of(old, workers_);
  backend->facts = {backend_number(configuration_, settings), settings.timeouts.response,
                    settings.timeouts.tunnel};
  servers_.build(settings, old, *backend);
  build_policies(settings, old, *backend);
  return backend;
}

void GenerationBuilder::build_policies(const config::Backend& settings, const backends::Backend* old,
                                       backends::Backend& backend) {
  backend.compression = make_compression(settings.compression);
  auto persistence = make_persistence(settings, *cookie_hash_, old, backend);
  if (persistence) {
    backend.persistence = std::move(*persistence);
  } else {
    report(config::Severity::kError, settings.persistence->cookie->key_file_place,
           fmt::format("backend '{}': persistence: {}", settings.name, persistence.error()));
  }
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
