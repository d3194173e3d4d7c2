// What is asked of HAProxy's exporter, and how its lines are written; that its names are HAProxy's is tested beside it
// (integration/haproxy_metrics_test.py).
#include "lb/stats/haproxy_exporter.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::stats;

namespace {

/// A letter for each scope, "m" for no-maint; "-": no such scope.
std::string told(std::string_view target) {
  const auto wish = exporter_wish(target);
  if (!wish) return "-";
  std::string out;
  if (wish->process) out += 'p';
  if (wish->frontends) out += 'f';
  if (wish->backends) out += 'b';
  if (wish->servers) out += 's';
  if (wish->stick_tables) out += 't';
  if (wish->no_maint) out += 'm';
  return out;
}

}  // namespace

TEST_CASE("scopes are added up from the first one on") {
  CHECK(told("/metrics") == "pfbst");
  CHECK(told("/metrics?") == "pfbst");
  CHECK(told("/metrics?other=1&&x") == "pfbst");
  CHECK(told("/metrics?scope=server") == "s");
  CHECK(told("/metrics?scope=server&scope=global&no-maint") == "psm");
  CHECK(told("/metrics?no-maint&scope=frontend&scope=backend") == "fbm");
  CHECK(told("/metrics?scope=%73erver") == "s");
  CHECK(told("/metrics?scope=sticktable&scope=*") == "pfbst");
  CHECK(told("/metrics?scope=") == "");
  CHECK(told("/metrics?scope=listener") == "");
  CHECK(told("/metrics?scope") == "-");
  CHECK(told("/metrics?scope=servers") == "-");
  CHECK(told("/metrics?scope=server&scope=%") == "-");
}

TEST_CASE("an exporter's lines") {
  Snapshot snapshot;
  snapshot.process.haproxy_version = "2\"6";
  snapshot.stick_tables.push_back({"t\"1", "ip", 100, 7});
  EntitySnapshot frontend;
  frontend.kind = EntityKind::kFrontend;
  frontend.name = "a\\b";
  frontend.facts.proxy = 1;
  snapshot.entities.push_back(frontend);
  const std::string text = exporter_text(snapshot, {});
  const auto has = [&](std::string_view line) {
    return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos;
  };
  CHECK(has("haproxy_process_build_info{version=\"2\\\"6\"} 1"));
  CHECK(has("haproxy_process_current_zlib_memory NaN"));
  CHECK(has("haproxy_frontend_status{proxy=\"a\\\\b\",state=\"UP\"} 1"));
  CHECK(has("haproxy_frontend_http_responses_total{proxy=\"a\\\\b\",code=\"2xx\"} 0"));
  CHECK(has("haproxy_sticktable_used{name=\"t\\\"1\",type=\"ip\"} 7"));
  CHECK(exporter_text(snapshot, *exporter_wish("?scope=")) == "");
}
