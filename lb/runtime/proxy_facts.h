// What the configuration and the checks say of each proxy and server, as HAProxy's statistics show it. Control thread.
#pragma once

#include "backends/backend.h"
#include "health/monitor.h"
#include "lb/config/model.h"
#include "lb/stats/proxy_facts.h"

namespace reseal::runtime {

/// HAProxy's number of a proxy: what is configured, or by its place. The second is one of the first's.
int frontend_number(const config::Configuration& configuration, const config::Frontend& frontend);
int backend_number(const config::Configuration& configuration, const config::Backend& backend);

/// `index`: its place among those of its kind, for what has no number of its own.
stats::ProxyFacts facts_of_frontend(const config::Configuration& configuration, std::size_t index);
stats::ProxyFacts facts_of_backend(const config::Configuration& configuration, std::size_t index,
                                   const health::Availability& availability, TimePoint now);
/// Of the `position`-th server of that backend.
stats::ProxyFacts facts_of_server(const config::Configuration& configuration, std::size_t index,
                                  std::size_t position, const backends::Server& server,
                                  const health::ServerReport& report, TimePoint now);

}  // namespace reseal::runtime
