// The expressions by which the servers of a backend are asked for a name that depends on the request (sni_expression). Pure.
#pragma once

#include <vector>

#include "lb/config/model.h"

namespace reseal::runtime {

/// Each of them once, in the order of the servers; borrowed of `backend`.
std::vector<const config::ClientTls*> names_by_request(const config::Backend& backend);

}  // namespace reseal::runtime
