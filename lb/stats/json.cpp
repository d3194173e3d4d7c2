#include "lb/stats/json.h"

#include <nlohmann/json.hpp>

namespace reseal::stats {
namespace {

using Json = nlohmann::ordered_json;

double milliseconds(Microseconds time) {
  return static_cast<double>(time.count()) / 1000.0;
}

Json to_json(const EntitySnapshot& entity) {
  const TrafficTotals& t = entity.totals;
  static constexpr const char* kKinds[] = {"frontend", "backend", "server"};
  Json json;
  json["kind"] = kKinds[static_cast<std::size_t>(entity.kind)];
  json["name"] = entity.name;
  if (entity.kind == EntityKind::kServer) {
    json["backend"] = entity.backend;
    json["address"] = entity.address;
    json["state"] = entity.state;
    json["state_reason"] = entity.state_reason;
    json["last_check"] = entity.last_check;
    json["state_seconds"] = entity.state_seconds;
    json["weight"] = entity.weight;
    json["backup"] = entity.backup;
    json["ejections"] = entity.ejections;
    json["plaintext"] = entity.plaintext;
  }
  if (entity.kind == EntityKind::kBackend) {
    json["panics"] = entity.panics;
    json["in_queue"] = t.in_queue;
    json["queued"] = t.queued;
    json["retries_denied"] = t.retries_denied;
  }
  json["qps"] = {{"1s", entity.qps_1s}, {"10s", entity.qps_10s}, {"60s", entity.qps_60s}};
  json["requests"] = t.requests;
  json["in_flight"] = t.in_flight;
  json["responses"] = {{"none", t.responses[0]}, {"1xx", t.responses[1]}, {"2xx", t.responses[2]},
                       {"3xx", t.responses[3]},  {"4xx", t.responses[4]}, {"5xx", t.responses[5]}};
  Json failures = Json::object();
  for (std::size_t i = 0; i < t.failures.size(); ++i) {
    if (t.failures[i] != 0) failures[std::string(code_word(static_cast<Code>(i)))] = t.failures[i];
  }
  json["failures"] = failures;
  json["connections"] = t.connections;
  json["open_connections"] = t.open_connections;
  json["connect_errors"] = t.connect_errors;
  json["response_errors"] = t.response_errors;
  json["retries"] = t.retries;
  json["bytes_in"] = t.bytes_in;
  json["bytes_out"] = t.bytes_out;
  if (entity.kind == EntityKind::kFrontend) json["bytes_spliced"] = t.bytes_spliced;
  if (entity.kind == EntityKind::kBackend) {
    json["compression"] = {{"responses", t.compressed_responses},
                           {"bytes_in", t.compression_bytes_in},
                           {"bytes_out", t.compression_bytes_out}};
  }
  json["tls_handshakes"] = {
      {"full", t.handshakes_full}, {"resumed", t.handshakes_resumed}, {"failed", t.handshake_errors}};
  json["latency_ms"] = {{"p50", milliseconds(t.quantile(0.5))},
                        {"p90", milliseconds(t.quantile(0.9))},
                        {"p99", milliseconds(t.quantile(0.99))}};
  return json;
}

}  // namespace

std::string json_text(const Snapshot& snapshot) {
  Json json;
  json["version"] = snapshot.version;
  json["uptime_seconds"] = snapshot.uptime_seconds;
  json["workers"] = snapshot.workers;
  json["generation"] = snapshot.generation;
  json["reloads"] = {{"ok", snapshot.reloads_ok}, {"refused", snapshot.reloads_refused}};
  json["warnings"] = snapshot.warnings;
  json["access_logs"] = Json::array();
  for (const AccessLogSnapshot& log : snapshot.access_logs) {
    json["access_logs"].push_back(
        {{"target", log.target}, {"lines", log.written}, {"dropped", log.dropped}, {"failed", log.failed}});
  }
  json["entities"] = Json::array();
  for (const EntitySnapshot& entity : snapshot.entities) json["entities"].push_back(to_json(entity));
  // Names and reasons come from files and peers: bytes that are no UTF-8 are replaced, not an exception.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace reseal::stats
