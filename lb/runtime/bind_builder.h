// Turns what a frontend's configuration says of its binds into objects, reading certificates. Part of building a generation:
// control thread, blocking; used once.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "lb/config/config_error.h"
#include "lb/config/model.h"
#include "lb/proxy/frontend.h"
#include "lb/runtime/tls_contexts.h"

namespace reseal::runtime {

class BindBuilder {
 public:
  using Report = std::function<void(config::Severity severity, config::Place place, std::string message)>;

  /// All are borrowed; `previous` may be null.
  BindBuilder(ServerContexts& contexts, const ServerContexts* previous,
              const std::shared_ptr<tls::TicketKeys>& ticket_keys, Report report)
      : contexts_(contexts), previous_(previous), ticket_keys_(ticket_keys), report_(std::move(report)) {}

  /// One element a bind, in the order of the configuration.
  [[nodiscard]] std::vector<std::shared_ptr<const proxy::BindSettings>> build(
      const config::Frontend& frontend) const;

 private:
  [[nodiscard]] std::shared_ptr<const tls::ServerContext> build_tls(const config::Frontend& frontend,
                                                                    const config::ServerTls& tls) const;

  ServerContexts& contexts_;
  const ServerContexts* previous_;
  const std::shared_ptr<tls::TicketKeys>& ticket_keys_;
  Report report_;
};

}  // namespace reseal::runtime
