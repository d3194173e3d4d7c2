// The expressions by which the servers of a backend are asked for a name that depends on the request (sni_expression). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lb/config/model.h"

namespace reseal::runtime {

/// Each of them once, in the order of the servers; borrowed of `backend`.
std::vector<const config::ClientTls*> names_by_request(const config::Backend& backend);
/// Which of them is that of connections with these settings; nothing: none.
std::optional<std::uint32_t> name_by_request(const config::Backend& backend, const config::ClientTls& tls);

}  // namespace reseal::runtime
