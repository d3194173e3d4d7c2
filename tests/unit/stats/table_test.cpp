#include "lb/stats/table.h"

#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lb/stats/json.h"
#include "tests/unit/stats/example_snapshot.h"

using namespace reseal;
using namespace reseal::stats;

namespace {

std::vector<std::string> lines_of(const Snapshot& snapshot) {
  const auto table = table_text(json_text(snapshot));
  REQUIRE(table);
  std::vector<std::string> lines;
  std::istringstream text(*table);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream text(line);
  return {std::istream_iterator<std::string>(text), {}};
}

/// Every number as large as it gets on a busy site that has been up for long.
Snapshot busy_snapshot(const std::string& server_name) {
  Snapshot snapshot = example_snapshot();
  for (EntitySnapshot& entity : snapshot.entities) {
    entity.qps_1s = entity.qps_10s = entity.qps_60s = 123'456.7;
    TrafficTotals& t = entity.totals;
    t.requests = t.connect_errors = t.retries = t.handshakes_full = t.handshakes_resumed = 98'765'432'109;
    t.in_flight = 54'321;
    t.responses.fill(98'765'432'109);
    t.latency.fill(1);
    t.latency.back() = 1000;
    entity.state_seconds = 100 * 86400;
  }
  snapshot.entities.back().name = server_name;
  return snapshot;
}

}  // namespace

TEST_CASE("the JSON has every value under the name that is documented") {
  const auto json = nlohmann::json::parse(json_text(example_snapshot()));
  CHECK(json["version"] == "1.2.3");
  CHECK(json["uptime_seconds"] == 90.5);
  CHECK(json["workers"] == 2);
  CHECK(json["generation"] == 7);
  CHECK(json["reloads"] == nlohmann::json({{"ok", 6}, {"refused", 1}}));
  CHECK(json["warnings"] == nlohmann::json({"a hop in plaintext"}));
  REQUIRE(json["entities"].size() == 3);
  const auto& frontend = json["entities"][0];
  CHECK(frontend["kind"] == "frontend");
  CHECK(frontend["requests"] == 10);
  CHECK(frontend["qps"]["1s"] == 2.5);
  CHECK(frontend["responses"]["2xx"] == 9);
  CHECK(frontend["failures"] == nlohmann::json({{"no_server_up", 1}}));
  CHECK(frontend["latency_ms"]["p50"] == 0.064);
  CHECK_FALSE(frontend.contains("address"));
  const auto& server = json["entities"][2];
  CHECK(server["kind"] == "server");
  CHECK(server["name"] == "web\"1\n\\");
  CHECK(server["backend"] == "web");
  CHECK(server["address"] == "10.0.0.11:8443");
  CHECK(server["state"] == "down");
  CHECK(server["weight"] == 100);
  CHECK(server["backup"] == false);
  CHECK(server["plaintext"] == true);
}

TEST_CASE("bytes that are no UTF-8 do not break the JSON") {
  Snapshot snapshot = example_snapshot();
  snapshot.entities[2].state_reason = "bad \xff byte";
  CHECK(nlohmann::json::accept(json_text(snapshot)));
  CHECK(table_text(json_text(snapshot)));
}

TEST_CASE("the table has a row for every entity, each value under its heading") {
  const auto lines = lines_of(example_snapshot());
  REQUIRE(lines.size() == 9);
  CHECK(lines[0] == "reseal 1.2.3  up 90s  2 workers  generation 7  reloads 6 ok, 1 refused");
  CHECK(words_of(lines[2]) == std::vector<std::string>{"NAME", "STATE", "QPS1s", "10s", "60s", "NOW", "REQS",
                                                       "2xx", "4xx", "5xx", "ERR", "RETRY", "p50ms", "p90ms",
                                                       "p99ms", "FULL", "RESUM"});
  CHECK(words_of(lines[3]) == std::vector<std::string>{"frontend", "web", "2.5", "0.0", "0.0", "0", "10", "9",
                                                       "0", "1", "0", "0", "0.1", "100k", "100k", "0", "0"});
  CHECK(lines[4].starts_with("backend web "));
  CHECK(lines[5].starts_with("  web\"1\\x0a"));
  for (std::size_t i = 3; i < 6; ++i) CHECK(lines[i].size() == lines[2].size());  // right-aligned to the end
}

TEST_CASE("below the table stand the reason of every server that is down, and the warnings") {
  Snapshot snapshot = example_snapshot();
  auto lines = lines_of(snapshot);
  CHECK(lines[7].ends_with(" is down: connect_failed: connection refused"));
  CHECK(lines[8] == "warning: a hop in plaintext");
  snapshot.entities[2].state = "up";
  snapshot.warnings.clear();
  CHECK(lines_of(snapshot).size() == 6);
}

TEST_CASE("the table keeps to 120 columns on a busy site") {
  for (const std::string name : {"web1", "a-rather-long-name-of-a-server-in-a-far-away-place-01"}) {
    const auto lines = lines_of(busy_snapshot(name));
    for (std::size_t i = 2; i < 6; ++i) {
      INFO(lines[i]);
      CHECK(lines[i].size() <= kTableWidth);
    }
    CHECK(lines[5].find(name.substr(name.size() - 3)) != std::string::npos);  // what tells servers apart
  }
}

TEST_CASE("nothing in a name or a reason reaches the terminal as a control character") {
  Snapshot snapshot = example_snapshot();
  snapshot.entities[2].name = "\x1b[31mred";
  snapshot.entities[2].state_reason = "HTTP 500 \x1b]0;title\x07";
  snapshot.warnings = {"bell \x07"};
  const auto table = table_text(json_text(snapshot));
  REQUIRE(table);
  for (const char c : *table) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
}

TEST_CASE("an answer that is not the statistics is an error in words, whatever it is") {
  for (const char* text :
       {"", "nonsense", "{}", "[]", "null", R"({"version":1})", R"({"version":"1","entities":3})"}) {
    const auto table = table_text(text);
    INFO(text);
    REQUIRE_FALSE(table);
    CHECK(table.error().starts_with("the answer is not the statistics that were expected: "));
  }
}

TEST_CASE("numbers are shortened to five characters and never rounded up") {
  struct Case {
    std::uint64_t number;
    const char* text;
  };
  for (const Case& c : {Case{0, "0"}, Case{99'999, "99999"}, Case{100'000, "100k"}, Case{999'999, "999k"},
                        Case{1'000'000, "1.00M"}, Case{1'239'999, "1.23M"}, Case{12'399'999, "12.3M"},
                        Case{999'999'999, "999M"}, Case{1'000'000'000, "1.00G"},
                        Case{std::numeric_limits<std::uint64_t>::max(), "18.4E"}}) {
    CHECK(short_number(c.number) == c.text);
  }
}
