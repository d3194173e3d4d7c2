#include "lb/runtime/server_names.h"

#include <algorithm>

namespace reseal::runtime {

std::vector<const config::ClientTls*> names_by_request(const config::Backend& backend) {
  std::vector<const config::ClientTls*> names;
  for (const config::Server& server : backend.servers) {
    const auto& tls = server.hop ? server.hop->tls : backend.tls;
    if (!tls || tls->sni_expression.empty()) continue;
    const bool is_there = std::ranges::any_of(
        names, [&](const config::ClientTls* other) { return other->sni_expression == tls->sni_expression; });
    if (!is_there) names.push_back(&*tls);
  }
  return names;
}

}  // namespace reseal::runtime
