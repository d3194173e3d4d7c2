// The snapshot as JSON: what the admin socket answers and `reseal stats --json` prints. Pure.
#pragma once

#include <string>

#include "lb/stats/snapshot.h"

namespace reseal::stats {

/// Indented, ends with a line feed. Bytes that are no UTF-8 come out as U+FFFD.
std::string json_text(const Snapshot& snapshot);

}  // namespace reseal::stats
