// Builds a Generation step by step and collects every problem on the way. Control thread; used once.
#pragma once

#include <optional>

#include "lb/runtime/generation.h"
#include "lb/runtime/log_builder.h"
#include "lb/runtime/rule_set_builder.h"
#include "lb/runtime/server_builder.h"

namespace reseal::runtime {

class GenerationBuilder {
 public:
  GenerationBuilder(const config::Configuration& configuration, int workers,
                    const std::shared_ptr<tls::TicketKeys>& ticket_keys, const Generation* previous,
                    LogThread* logs);
  Generation::Built build();

 private:
  /// Rules in HAProxy's language of all frontends and backends.
  void build_rule_sets(proxy::RoutingTable& table, std::vector<std::shared_ptr<proxy::Frontend>>& frontends,
                       std::vector<std::shared_ptr<backends::Backend>>& backends);
  [[nodiscard]] proxy::ErrorPages build_error_pages(const config::Backend& settings);
  [[nodiscard]] std::shared_ptr<proxy::Frontend> build_frontend(const config::Frontend& settings,
                                                                std::shared_ptr<stats::CounterSet> counters);
  /// Rules, pages, and what is made of each request.
  void build_request_settings(const config::Frontend& settings, proxy::Frontend& frontend);
  [[nodiscard]] backends::AddressFields build_address_fields(const config::AddressFields& settings,
                                                             config::Place place);
  [[nodiscard]] std::shared_ptr<backends::Backend> build_backend(const config::Backend& settings);
  void build_policies(const config::Backend& settings, const backends::Backend* old,
                      backends::Backend& backend);
  [[nodiscard]] std::optional<std::uint32_t> backend_index(const std::string& name) const;
  [[nodiscard]] const proxy::Frontend* old_frontend(const std::string& name) const;
  [[nodiscard]] const backends::Backend* old_backend(const std::string& name) const;
  void report(config::Severity severity, config::Place place, std::string message);

  const config::Configuration& configuration_;
  int workers_;
  std::shared_ptr<tls::TicketKeys> ticket_keys_;
  std::shared_ptr<const tls::KeyedHash> cookie_hash_;
  const Generation* previous_;
  LogBuilder log_builder_;
  ClientContexts client_contexts_;
  StickTables stick_tables_;
  UserLists user_lists_;
  std::shared_ptr<ProxyStates> proxy_states_ = std::make_shared<ProxyStates>();
  RuleSetBuilder rule_sets_;
  ServerContexts server_contexts_;
  ServerBuilder servers_;
  std::vector<config::Problem> problems_;
};

}  // namespace reseal::runtime
