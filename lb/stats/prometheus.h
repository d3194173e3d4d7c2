// The snapshot in Prometheus' text format, version 0.0.4. Pure. Names and labels: docs/metrics.md.
#pragma once

#include <string>

#include "lb/stats/snapshot.h"

namespace reseal::stats {

/// Families in a fixed order, each with HELP and TYPE; samples in the order of `snapshot.entities`.
std::string prometheus_text(const Snapshot& snapshot);

}  // namespace reseal::stats
