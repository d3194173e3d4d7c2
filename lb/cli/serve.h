// What `reseal run` and `reseal haproxy` have in common.
#pragma once

#include "lb/config/door.h"
#include "lb/runtime/process_options.h"

namespace reseal::cli {

/// Serves what was loaded until stopped, and what `door` gives at every reload. Returns the exit status, or does not return
/// where the process ends by a signal.
int serve(const config::Door& door, config::LoadResult loaded, runtime::ProcessOptions options = {});

}  // namespace reseal::cli
