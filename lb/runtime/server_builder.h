// Builds the servers of a generation, and what the health monitor is to know of them: each by its own settings where it has
// some, by its backend's otherwise. Collects problems on the way. Control thread; part of GenerationBuilder.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backends/backend.h"
#include "health/monitor.h"
#include "lb/config/config_error.h"
#include "lb/config/model.h"
#include "lb/runtime/resolved_server.h"
#include "lb/runtime/tls_contexts.h"

namespace reseal::runtime {

class ServerBuilder {
 public:
  using Report = std::function<void(config::Severity, config::Place, std::string)>;

  /// `contexts` takes the TLS contexts that are made; `previous` (may be null) has those of the generation before. Both are
  /// borrowed.
  ServerBuilder(ClientContexts& contexts, const ClientContexts* previous, int workers, Report report)
      : contexts_(contexts), previous_(previous), workers_(workers), report_(std::move(report)) {}

  /// Adds the servers to `backend`, which has everything else. `old`: the same backend before, or null; states of servers
  /// that have not moved are taken over from it.
  void build(const config::Backend& settings, const backends::Backend* old, backends::Backend& backend);

  /// Once every backend is built: in their order, those that share another's health told apart.
  [[nodiscard]] std::vector<health::MonitoredServer> take_monitored();
  [[nodiscard]] std::vector<ResolvedServer> take_resolved() { return std::move(resolved_); }

 private:
  struct Found {
    net::Address address;
    std::string missing;  ///< why there is none; empty: there is one
  };
  struct Tracking {
    std::size_t server;  ///< of monitored_
    std::string name;    ///< "backend/server"
    config::Place place;
  };

  void build_server(const config::Backend& settings, const config::Server& server, const config::Hop& hop,
                    const backends::Backend* old, backends::Backend& backend);
  void resolve_later(const config::Server& server, const backends::Server& built);
  void watch(const config::Backend& settings, const config::Server& server, const config::Hop& hop,
             const backends::Server& built, const std::string& out_of_service);
  [[nodiscard]] std::shared_ptr<backends::ServerState> state_of(const config::Backend& settings,
                                                                const config::Server& server,
                                                                const net::Address& address,
                                                                const backends::Backend* old,
                                                                const backends::Backend& backend) const;
  /// The state of the same server where its name is resolved while it serves: it stays where it is. Null: there is none.
  [[nodiscard]] static std::shared_ptr<backends::ServerState> resolved_before(const config::Server& server,
                                                                              const backends::Backend* old);
  [[nodiscard]] static Found missing(const config::Server& server, std::string why);
  /// None: reported.
  [[nodiscard]] std::optional<Found> resolve(const config::Backend& backend, const config::Server& server,
                                             const config::Hop& hop);
  [[nodiscard]] std::shared_ptr<const tls::ClientContext> context_for(const config::Backend& backend,
                                                                      const config::ClientTls& tls);
  /// Several servers may have the same problem.
  void report_once(config::Severity severity, config::Place place, const std::string& message);

  ClientContexts& contexts_;
  const ClientContexts* previous_;
  int workers_;
  Report report_;
  std::vector<health::MonitoredServer> monitored_;
  std::vector<ResolvedServer> resolved_;
  std::vector<Tracking> tracking_;
  std::map<std::string, std::size_t> by_name_;  // "backend/server": of monitored_
  std::set<std::string> told_;
};

}  // namespace reseal::runtime
