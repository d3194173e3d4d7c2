#include <catch2/catch.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "lb/stats/counters.h"
#include "lb/stats/json.h"
#include "lb/stats/prometheus.h"
#include "lb/stats/rates.h"
#include "lb/stats/table.h"

using namespace reseal;
using namespace reseal::stats;
using namespace std::chrono_literals;

TEST_CASE("every latency falls below its bucket's bound and not below the one before") {
  for (std::int64_t us = 0; us < 200'000'000; us += 1 + us / 7) {
    const auto bucket = LatencyHistogram::bucket_of(Microseconds(us));
    REQUIRE(bucket < LatencyHistogram::kBuckets);
    CHECK(Microseconds(us) < LatencyHistogram::upper_bound(bucket));
    if (bucket > 0) CHECK(Microseconds(us) >= LatencyHistogram::upper_bound(bucket - 1));
  }
  CHECK(LatencyHistogram::bucket_of(Microseconds(-5)) == 0);
}

TEST_CASE("bucket bounds grow by at most a quarter") {
  for (std::size_t i = 1; i + 2 < LatencyHistogram::kBuckets; ++i) {
    const auto low = LatencyHistogram::upper_bound(i).count();
    const auto high = LatencyHistogram::upper_bound(i + 1).count();
    CHECK(high > low);
    CHECK(high - low <= low / 4);
  }
}

TEST_CASE("quantiles come from the histogram of all workers") {
  CounterSet set(2);
  for (int i = 0; i < 90; ++i) set.of(0).latency.record(1ms);
  for (int i = 0; i < 10; ++i) set.of(1).latency.record(100ms);
  const auto total = set.total();
  CHECK(total.quantile(0.5) >= 1ms);
  CHECK(total.quantile(0.5) < 1300us);
  CHECK(total.quantile(0.99) >= 100ms);
  CHECK(total.quantile(0.99) < 130ms);
  CHECK(TrafficTotals().quantile(0.5) == 0us);
}

TEST_CASE("totals add up the workers and gauges may be split between them") {
  CounterSet set(2);
  set.of(0).requests.add(3);
  set.of(1).requests.add(4);
  set.of(0).in_flight.add(5);
  set.of(1).in_flight.add(-2);
  CHECK(set.total().requests == 7);
  CHECK(set.in_flight() == 3);
}

TEST_CASE("rates are exact over the samples there are") {
  RateMeter meter;
  const TimePoint start{1h};
  CHECK(meter.over(1s) == 0);
  meter.sample(start, 1000);
  CHECK(meter.over(60s) == 0);
  for (int second = 1; second <= 120; ++second) meter.sample(start + std::chrono::seconds(second), 1000 + static_cast<std::uint64_t>(second) * 50);
  CHECK(meter.over(1s) == Approx(50));
  CHECK(meter.over(10s) == Approx(50));
  CHECK(meter.over(60s) == Approx(50));
  for (int second = 121; second <= 125; ++second) meter.sample(start + std::chrono::seconds(second), 7000 + static_cast<std::uint64_t>(second - 120) * 150);
  CHECK(meter.over(1s) == Approx(150));
  CHECK(meter.over(10s) == Approx(100));
  CHECK(meter.over(60s) == Approx((55 * 50 + 5 * 150) / 60.0));
}

namespace {

Snapshot example() {
  Snapshot snapshot;
  snapshot.version = "1.2.3";
  snapshot.workers = 2;
  EntitySnapshot frontend;
  frontend.name = "web";
  frontend.totals.requests = 10;
  frontend.totals.responses[2] = 9;
  frontend.totals.responses[5] = 1;
  frontend.totals.failures[static_cast<std::size_t>(Code::kNoServerUp)] = 1;
  frontend.totals.latency[0] = 4;
  frontend.totals.latency[LatencyHistogram::kBuckets - 1] = 1;
  snapshot.entities.push_back(frontend);
  EntitySnapshot backend;
  backend.kind = EntityKind::kBackend;
  backend.name = "web";
  snapshot.entities.push_back(backend);
  EntitySnapshot server;
  server.kind = EntityKind::kServer;
  server.name = "web\"1\n";
  server.backend = "web";
  server.state = "down";
  server.state_reason = "connection refused";
  snapshot.entities.push_back(server);
  snapshot.warnings.emplace_back("a hop in plaintext");
  return snapshot;
}

}  // namespace

TEST_CASE("Prometheus text keeps to its format: each family announced once, labels escaped, buckets cumulative") {
  const std::string text = prometheus_text(example());
  static const std::regex kSample(R"(reseal_[a-z0-9_]+(\{([a-z_]+="([^"\\\n]|\\\\|\\"|\\n)*",?)+\})? -?[0-9.e+-]+)");
  std::istringstream lines(text);
  std::set<std::string> families;
  std::string family;
  double last_bucket = -1;
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      CHECK(families.insert(family).second);
    } else if (line.starts_with("# TYPE ")) {
      CHECK(line.starts_with("# TYPE " + family + " "));
    } else {
      CHECK(line.starts_with(family));
      CHECK(std::regex_match(line, kSample));
      if (line.find("_bucket{") == std::string::npos) {
        last_bucket = -1;
      } else {
        const double value = std::stod(line.substr(line.rfind(' ')));
        CHECK(value >= last_bucket);
        last_bucket = line.find("+Inf") != std::string::npos ? -1 : value;
      }
    }
  }
  CHECK(text.find("reseal_frontend_latency_seconds_count{frontend=\"web\"} 5") != std::string::npos);
  CHECK(text.find("reseal_frontend_failures_total{frontend=\"web\",cause=\"no_server_up\"} 1") != std::string::npos);
  CHECK(text.find("server=\"web\\\"1\\n\"") != std::string::npos);
}

TEST_CASE("the table shows every entity and why a server is down") {
  const auto table = table_text(json_text(example()));
  REQUIRE(table);
  for (const char* word : {"frontend web", "backend web", "down", "is down: connection refused", "warning: a hop in plaintext"}) {
    CHECK(table->find(word) != std::string::npos);
  }
  CHECK_FALSE(table_text("nonsense"));
  CHECK_FALSE(table_text("{}"));
}

TEST_CASE("bytes that are no UTF-8 do not break the JSON") {
  Snapshot snapshot = example();
  snapshot.entities[2].state_reason = "bad \xff byte";
  CHECK(table_text(json_text(snapshot)));
}
