#include "lb/stats/prometheus.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/unit/stats/example_snapshot.h"

using namespace reseal;
using namespace reseal::stats;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The text's families, in order, with their types; fails the test where the text breaks the format: a family
/// announced twice or without a type, a sample outside its family, a malformed line, a series given twice.
std::map<std::string, std::string> checked_families(const std::string& text) {
  static const std::regex kSample(
      R"re((reseal_[a-z0-9_]+)(\{[a-z_]+="(?:[^"\\\n]|\\\\|\\"|\\n)*"(?:,[a-z_]+="(?:[^"\\\n]|\\\\|\\"|\\n)*")*\})? (-?[0-9.e+-]+))re");
  static const std::set<std::string> kTypes = {"counter", "gauge", "histogram"};
  std::map<std::string, std::string> families;
  std::set<std::string> series;
  std::string family;
  std::istringstream lines(text);
  CHECK(text.ends_with("\n"));
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    std::smatch match;
    if (line.starts_with("# HELP ")) {
      family = line.substr(7, line.find(' ', 7) - 7);
      CHECK_FALSE(families.contains(family));
      CHECK(line.size() > 8 + family.size());
    } else if (line.starts_with("# TYPE " + family + " ")) {
      families[family] = line.substr(8 + family.size());
      CHECK(kTypes.contains(families[family]));
    } else if (std::regex_match(line, match, kSample)) {
      const std::string suffix =
          match[1].str().starts_with(family) ? match[1].str().substr(family.size()) : "-";
      const bool histogram = families[family] == "histogram";
      CHECK((histogram ? suffix == "_bucket" || suffix == "_sum" || suffix == "_count" : suffix.empty()));
      CHECK(series.insert(match[1].str() + match[2].str()).second);
    } else {
      FAIL_CHECK("neither a comment nor a sample");
    }
  }
  return families;
}

}  // namespace

TEST_CASE("Prometheus text keeps to its format") {
  const auto families = checked_families(prometheus_text(example_snapshot()));
  for (const auto& [name, type] : families) {
    INFO(name);
    CHECK((type == "counter") == name.ends_with("_total"));
  }
  CHECK(checked_families(prometheus_text(Snapshot())).size() == families.size());
}

TEST_CASE("each kind of entity has its labels, and what is in them is escaped") {
  const std::string text = prometheus_text(example_snapshot());
  for (const char* line : {
           R"(reseal_frontend_requests_total{frontend="web"} 10)",
           R"(reseal_frontend_responses_total{frontend="web",class="5xx"} 1)",
           R"(reseal_frontend_failures_total{frontend="web",cause="no_server_up"} 1)",
           R"(reseal_frontend_requests_per_second{frontend="web",window="1s"} 2.5)",
           R"(reseal_backend_requests_total{backend="web"} 0)",
           R"(reseal_server_up{backend="web",server="web\"1\n\\"} 0)",
           R"(reseal_server_plaintext{backend="web",server="web\"1\n\\"} 1)",
           R"(reseal_server_tls_handshakes_total{backend="web",server="web\"1\n\\",kind="resumed"} 0)",
           R"(reseal_build_info{version="1.2.3"} 1)",
           R"(reseal_generation 7)",
           R"(reseal_reloads_total{result="refused"} 1)",
           R"(reseal_configuration_warnings 1)",
           R"(reseal_access_log_lines_total{target="/var/log/a \"b\".log"} 100)",
           R"(reseal_access_log_dropped_total{target="/var/log/a \"b\".log",reason="full"} 7)",
           R"(reseal_access_log_dropped_total{target="/var/log/a \"b\".log",reason="failed"} 3)",
       }) {
    INFO(line);
    CHECK(contains(text, std::string("\n") + line + "\n"));
  }
}

TEST_CASE("causes that never happened are left out") {
  const std::string text = prometheus_text(example_snapshot());
  CHECK(contains(text, "reseal_frontend_failures_total{"));
  CHECK_FALSE(contains(text, "cause=\"connect_failed\""));
  CHECK_FALSE(contains(text, "reseal_backend_failures_total{"));
}

TEST_CASE("histogram buckets are cumulative, lose nothing and put every latency below its bound") {
  Snapshot snapshot;
  auto& totals = snapshot.entities.emplace_back().totals;
  snapshot.entities.front().name = "f";
  for (std::size_t i = 0; i < totals.latency.size(); ++i) totals.latency[i] = i + 1;
  totals.latency_sum_microseconds = 2'500'000;
  const std::string text = prometheus_text(snapshot);

  const std::regex bucket(
      R"re(reseal_frontend_latency_seconds_bucket\{frontend="f",le="([^"]+)"\} ([0-9]+))re");
  int bounds = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), bucket), end; it != end; ++it, ++bounds) {
    INFO(it->str());
    // Exactly the buckets that end at or below the bound, +Inf being above all.
    const double le = (*it)[1] == "+Inf" ? 1e99 : std::stod((*it)[1]);
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < totals.latency.size(); ++i) {
      const bool is_last = i + 1 == totals.latency.size();
      const double upper =
          is_last ? 1e98 : static_cast<double>(LatencyHistogram::upper_bound(i).count()) / 1e6;
      if (upper <= le * (1 + 1e-12)) expected += totals.latency[i];
    }
    CHECK(std::stoull((*it)[2]) == expected);
  }
  CHECK(bounds == 17);
  CHECK(contains(text, "reseal_frontend_latency_seconds_sum{frontend=\"f\"} 2.5\n"));
  CHECK(contains(text, "reseal_frontend_latency_seconds_count{frontend=\"f\"} 3570\n"));
}

namespace {

std::string documentation() {
  std::ifstream file(RESEAL_DOCS "/metrics.md");
  REQUIRE(file);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("docs/metrics.md names every metric with its type, and none that does not exist") {
  const std::string text = documentation();
  // A row of one of its tables: | `name` | type | ... A name may begin with reseal_ENTITY_: it then stands
  // for the three kinds.
  const std::regex row(R"re(\n\| `(reseal_[A-Za-z0-9_]+)` \| ([a-z]+) \|)re");
  std::map<std::string, std::string> documented;
  for (std::sregex_iterator it(text.begin(), text.end(), row), end; it != end; ++it) {
    const std::string name = (*it)[1];
    const std::string generic = "reseal_ENTITY_";
    if (!name.starts_with(generic)) {
      documented[name] = (*it)[2];
      continue;
    }
    for (const char* kind : {"reseal_frontend_", "reseal_backend_", "reseal_server_"}) {
      documented[kind + name.substr(generic.size())] = (*it)[2];
    }
  }
  CHECK(documented == checked_families(prometheus_text(example_snapshot())));
}
