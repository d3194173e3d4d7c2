// The snapshot in Prometheus' text format, version 0.0.4. Pure. Names and labels: docs/metrics.md.
#pragma once

#include <string>

#include "lb/stats/snapshot.h"

namespace reseal::stats {

std::string prometheus_text(const Snapshot& snapshot);

}  // namespace reseal::stats
