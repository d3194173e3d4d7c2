// The snapshot as JSON: what the admin socket answers and `reseal stats --json` prints. Pure.
#pragma once

#include <string>

#include "lb/stats/snapshot.h"

namespace reseal::stats {

std::string json_text(const Snapshot& snapshot);

}  // namespace reseal::stats
