// What HAProxy's `http-request use-service prometheus-exporter` answers: its metrics by its names, from the figures that its
// statistics have here (haproxy_stat.h, haproxy_info.h). reseal's own are in prometheus.h. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lb/stats/snapshot.h"

namespace reseal::stats {

/// What of it is asked for.
struct ExporterWish {
  bool process = true;
  bool frontends = true;
  bool backends = true;
  bool servers = true;
  bool stick_tables = true;
  bool no_maint = false;  ///< no servers that are in maintenance
};

/// As the query of `target` says: `scope=`, again and again, and `no-maint`. Nothing: a scope that is none.
std::optional<ExporterWish> exporter_wish(std::string_view target);

std::string exporter_text(const Snapshot& snapshot, const ExporterWish& wish);

}  // namespace reseal::stats
