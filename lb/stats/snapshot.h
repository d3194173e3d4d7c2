// Everything there is to show at one moment, as plain values: what Prometheus text, JSON and the table are
// made from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lb/stats/counters.h"
#include "lb/stats/proxy_facts.h"

namespace reseal::stats {

enum class EntityKind : std::uint8_t { kFrontend, kBackend, kServer };

struct EntitySnapshot {
  EntityKind kind = EntityKind::kFrontend;
  std::string name;
  TrafficTotals totals;
  double qps_1s = 0, qps_10s = 0, qps_60s = 0;
  ProxyFacts facts;
  std::shared_ptr<const TrafficTotals> cleared;  ///< totals as `clear counters all` found them; null: never

  /// Since then: what HAProxy's tools are shown.
  [[nodiscard]] TrafficTotals counted() const { return cleared ? totals.since(*cleared) : totals; }

  // backends only
  bool panics = false;  ///< too few servers are up: all of them get requests

  // servers only
  std::string backend;
  std::string address;
  std::string state;         ///< "up", "down", "ejected", "draining" (up, without new clients) or "maint"
  std::string state_reason;  ///< why, in words
  std::string last_check;    ///< result of the last health check, empty without one
  double state_seconds = 0;  ///< for how long
  int weight = 0;
  int configured_weight = 0;
  bool backup = false;
  std::uint64_t ejections = 0;
  bool plaintext = false;  ///< the hop to it is not encrypted
};

/// One target of access logs; lines.
struct AccessLogSnapshot {
  std::string target;
  std::uint64_t written = 0;
  std::uint64_t dropped = 0;  ///< no room: it does not take them as fast as they come
  std::uint64_t failed = 0;   ///< it could not be written
};

/// A stick table of HAProxy's language.
struct StickTableSnapshot {
  std::string name;
  std::string type;  ///< "ip"
  std::uint64_t size = 0;
  std::uint64_t used = 0;
};

struct Snapshot {
  std::string version;
  double uptime_seconds = 0;
  TimePoint taken{};
  ProcessFacts process;
  int workers = 0;
  std::uint64_t generation = 0;
  int reloads_ok = 0;
  int reloads_refused = 0;
  std::vector<std::string> warnings;  ///< of the configuration in use
  std::vector<AccessLogSnapshot> access_logs;
  std::vector<StickTableSnapshot> stick_tables;
  std::vector<EntitySnapshot> entities;  ///< frontends, then each backend followed by its servers
};

}  // namespace reseal::stats
