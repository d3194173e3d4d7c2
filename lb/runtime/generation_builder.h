// Builds a Generation step by step and collects every problem on the way. Control thread; used once.
#pragma once

#include <optional>

#include "lb/runtime/generation.h"
#include "lb/runtime/log_builder.h"
#include "lb/runtime/rule_set_builder.h"

namespace reseal::runtime {

class GenerationBuilder {
 public:
  GenerationBuilder(const config::Configuration& configuration, int workers,
                    const std::shared_ptr<tls::TicketKeys>& ticket_keys, const Generation* previous,
                    LogThread* logs);
  Generation::Built build();

 private:
  /// Rules in HAProxy's language of all frontends and backends.
  void build_rule_sets(proxy::RoutingTable& table, std::vector<std::shared_ptr<proxy::Frontend>>& frontends);
  [[nodiscard]] std::shared_ptr<proxy::Frontend> build_frontend(const config::Frontend& settings);
  /// Rules, pages, and what is made of each request.
  void build_request_settings(const config::Frontend& settings, proxy::Frontend& frontend);
  [[nodiscard]] std::shared_ptr<const tls::ServerContext> build_server_tls(const config::Frontend& settings,
                                                                           const proxy::Frontend* old);
  [[nodiscard]] std::shared_ptr<const backends::Backend> build_backend(const config::Backend& settings);
  void build_policies(const config::Backend& settings, const backends::Backend* old,
                      backends::Backend& backend);
  [[nodiscard]] std::shared_ptr<const tls::ClientContext> build_client_tls(const config::Backend& settings);
  [[nodiscard]] std::shared_ptr<const backends::Server> build_server(
      const config::Backend& backend, const config::Server& settings,
      std::shared_ptr<const tls::ClientContext> tls, const backends::Backend* old,
      const backends::Backend& built);
  [[nodiscard]] std::optional<net::Address> resolve(const config::Backend& backend,
                                                    const config::Server& server);
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
  RuleSetBuilder rule_sets_;
  std::vector<config::Problem> problems_;
};

}  // namespace reseal::runtime
