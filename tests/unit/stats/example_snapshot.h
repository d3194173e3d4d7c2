// A small snapshot with one entity of each kind and awkward names, for the tests of its three renderings.
#pragma once

#include "lb/stats/snapshot.h"

namespace reseal::stats {

inline Snapshot example_snapshot() {
  Snapshot snapshot;
  snapshot.version = "1.2.3";
  snapshot.uptime_seconds = 90.5;
  snapshot.workers = 2;
  snapshot.generation = 7;
  snapshot.reloads_ok = 6;
  snapshot.reloads_refused = 1;
  EntitySnapshot frontend;
  frontend.name = "web";
  frontend.totals.requests = 10;
  frontend.totals.responses[2] = 9;
  frontend.totals.responses[5] = 1;
  frontend.totals.failures[static_cast<std::size_t>(Code::kNoServerUp)] = 1;
  frontend.totals.latency[0] = 4;
  frontend.totals.latency[LatencyHistogram::kBuckets - 1] = 1;
  frontend.qps_1s = 2.5;
  snapshot.entities.push_back(frontend);
  EntitySnapshot backend;
  backend.kind = EntityKind::kBackend;
  backend.name = "web";
  snapshot.entities.push_back(backend);
  EntitySnapshot server;
  server.kind = EntityKind::kServer;
  server.name = "web\"1\n\\";
  server.backend = "web";
  server.address = "10.0.0.11:8443";
  server.state = "down";
  server.state_reason = "connect_failed: connection refused";
  server.state_seconds = 300;
  server.weight = 100;
  server.plaintext = true;
  snapshot.entities.push_back(server);
  snapshot.access_logs.push_back({"/var/log/a \"b\".log", 100, 7, 3});
  snapshot.warnings.emplace_back("a hop in plaintext");
  return snapshot;
}

}  // namespace reseal::stats
