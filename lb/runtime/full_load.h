// With how many requests a backend counts as fully loaded (full_load; HAProxy's fullconn). Pure but for the limit on open files.
#pragma once

#include <cstdint>

#include "lb/config/model.h"

namespace reseal::runtime {

/// 0: nothing of it goes by that. Where nothing is said: a tenth of the connections that its frontends may have together, rounded up.
std::uint32_t full_load_of(const config::Configuration& configuration, const config::Backend& backend,
                           int workers);

}  // namespace reseal::runtime
