// A generation: one configuration turned into objects. The only place where that happens. Immutable once
// built and destructible on any thread: it holds no loop, handle or logger. Shared by the process and every
// worker.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "backends/server_state.h"
#include "health/monitor.h"
#include "lb/config/config_error.h"
#include "lb/config/model.h"
#include "lb/proxy/local_generation.h"
#include "lb/rules/expression/pattern_file.h"
#include "lb/runtime/resolved_server.h"
#include "lb/runtime/stick_tables.h"
#include "lb/runtime/tls_contexts.h"
#include "lb/stats/log_target.h"
#include "tls/keyed_hash.h"
#include "tls/ticket_keys.h"

namespace reseal::runtime {

class LogThread;

class Generation {
 public:
  struct Built {
    std::shared_ptr<const Generation> generation;  ///< null if any problem is an error
    std::vector<config::Problem>
        problems;  ///< certificates that cannot be read, names that do not resolve ...
  };

  /// Reads certificates and resolves names (blocking). Server states, counters and TLS contexts whose inputs
  /// have not changed are taken over from `previous` (may be null), so health, statistics, sessions and
  /// tickets survive. Access logs are opened by `logs`; null: it is only looked whether that would work.
  static Built build(const config::Configuration& configuration, int workers,
                     const std::shared_ptr<tls::TicketKeys>& ticket_keys, const Generation* previous,
                     LogThread* logs);

  [[nodiscard]] const config::Configuration& configuration() const { return configuration_; }
  [[nodiscard]] std::shared_ptr<const proxy::RoutingTable> routing() const { return routing_; }
  [[nodiscard]] const StickTables& stick_tables() const { return stick_tables_; }
  /// Maps and files of patterns that its rules look into; they can be changed.
  [[nodiscard]] const rules::expression::PatternFiles& pattern_files() const { return *pattern_files_; }
  /// Where messages about the servers of a backend go.
  [[nodiscard]] std::span<const stats::LogTarget> message_targets(const std::string& backend) const;
  /// What the health monitor watches.
  [[nodiscard]] const std::vector<health::MonitoredServer>& monitored() const { return monitored_; }

  /// Whose names are resolved anew while it serves.
  [[nodiscard]] const std::vector<ResolvedServer>& resolved() const { return resolved_; }

 private:
  Generation() = default;
  friend class GenerationBuilder;

  config::Configuration configuration_;
  std::shared_ptr<const proxy::RoutingTable> routing_;
  /// Makes the cookies of backends without a key file; random, the same in every generation of the process.
  std::shared_ptr<const tls::KeyedHash> cookie_hash_;
  ClientContexts client_contexts_;
  ServerContexts server_contexts_;
  std::vector<health::MonitoredServer> monitored_;
  std::vector<ResolvedServer> resolved_;
  StickTables stick_tables_;
  std::shared_ptr<rules::expression::PatternFiles> pattern_files_;
  std::map<std::string, std::vector<stats::LogTarget>> message_targets_;  // by backend
};

/// Everything `reseal check` can find without listening: builds a generation and throws it away.
std::vector<config::Problem> check_configuration(const config::Configuration& configuration);

}  // namespace reseal::runtime
