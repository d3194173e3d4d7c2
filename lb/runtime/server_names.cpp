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

std::optional<std::uint32_t> name_by_request(const config::Backend& backend, const config::ClientTls& tls) {
  if (tls.sni_expression.empty()) return std::nullopt;
  const auto names = names_by_request(backend);
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    if (names[i]->sni_expression == tls.sni_expression) return i;
  }
  return std::nullopt;
}

}  // namespace reseal::runtime
