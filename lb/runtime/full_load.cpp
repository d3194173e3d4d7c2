#include "lb/runtime/full_load.h"

#include <algorithm>

#include "lb/config/validation.h"
#include "lb/runtime/descriptor_limit.h"

namespace reseal::runtime {

std::uint32_t full_load_of(const config::Configuration& configuration, const config::Backend& backend,
                           int workers) {
  const bool is_asked = std::ranges::any_of(
      backend.servers, [](const config::Server& server) { return server.options.min_requests != 0; });
  if (!is_asked) return 0;
  if (backend.full_load != 0) return static_cast<std::uint32_t>(backend.full_load);
  const std::uint64_t of_process = configuration.max_connections > 0
                                       ? static_cast<std::uint64_t>(configuration.max_connections)
                                       : connections_for(raise_descriptor_limit(), workers);
  std::uint64_t sum = 0;
  for (const config::Frontend& frontend : configuration.frontends) {
    if (!config::used_backends(frontend).contains(backend.name)) continue;
    const int own = frontend.connections.most;
    sum += own > 0 ? static_cast<std::uint64_t>(own) : of_process;
  }
  constexpr std::uint64_t kShare = 10;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>((sum + kShare - 1) / kShare, 1, 0xffffffff));
}

}  // namespace reseal::runtime
