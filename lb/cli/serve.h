// What `reseal run` and `reseal haproxy` have in common.
#pragma once

#include "lb/config/door.h"

namespace reseal::cli {

/// Serves what was loaded until stopped, and what `door` gives at every reload. Returns the exit status.
int serve(const config::Door& door, config::LoadResult loaded);

}  // namespace reseal::cli
