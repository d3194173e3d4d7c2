// HAProxy's statistics: which columns apply to which rows, the forms, and what the tools that read them go by.
#include "lb/stats/haproxy_stat.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "lb/stats/haproxy_info.h"
#include "lb/stats/stats_html.h"

using namespace reseal;
using namespace reseal::stats;

namespace {

EntitySnapshot entity(EntityKind kind, std::string name, int proxy) {
  EntitySnapshot made;
  made.kind = kind;
  made.name = std::move(name);
  made.facts.proxy = proxy;
  return made;
}

EntitySnapshot server(std::string name, int number, std::string state) {
  EntitySnapshot made = entity(EntityKind::kServer, std::move(name), 2);
  made.backend = "app";
  made.address = "10.0.0.1:80";
  made.facts.server = number;
  made.state = std::move(state);
  made.weight = 1;
  return made;
}

/// A frontend, a backend of two servers, a `listen` without any.
Snapshot snapshot() {
  Snapshot made;
  made.version = "1.2.3";
  made.uptime_seconds = 90061;
  made.workers = 4;
  made.process.haproxy_version = "3.2.0-reseal-1.2.3";
  made.process.node = "here";
  made.process.most_connections = 1000;
  made.entities.push_back(entity(EntityKind::kFrontend, "web", 1));
  made.entities.back().totals.requests = 7;
  made.entities.push_back(entity(EntityKind::kFrontend, "page", 3));
  made.entities.back().facts.is_listen = true;
  made.entities.push_back(entity(EntityKind::kBackend, "app", 2));
  made.entities.back().facts.algorithm = "roundrobin";
  made.entities.push_back(server("a", 1, "up"));
  made.entities.push_back(server("b", 2, "down"));
  CheckFacts& check = made.entities.back().facts.check;
  made.entities.back().facts.is_checked = true;
  check = {"L7STS", "Layer7 wrong status", "HTTP 503, \"no\"", false, 503, 12, 3, 2, 3, 0};
  return made;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

}  // namespace

TEST_CASE("rows come in the order of their proxies") {
  std::vector<std::string> names;
  for (const StatRow& row : stat_rows(snapshot(), {}))
    names.push_back(row.text(Column::kPxname) + "/" + row.text(Column::kSvname));
  CHECK(names == std::vector<std::string>{"web/FRONTEND", "app/a", "app/b", "app/BACKEND", "page/FRONTEND",
                                          "page/BACKEND"});
}

TEST_CASE("which rows are wanted") {
  const auto count = [](const StatWish& wish) { return stat_rows(snapshot(), wish).size(); };
  CHECK(count({.proxy = 2}) == 3);
  CHECK(count({.kinds = 1}) == 2);
  CHECK(count({.kinds = 2}) == 2);
  CHECK(count({.kinds = 4}) == 2);
  CHECK(count({.proxy = 2, .kinds = 4, .server = 2}) == 1);
  CHECK(count({.only_up = true}) == 5);
  CHECK(count({.proxies = {"app"}}) == 3);
  CHECK(count({.scope = "e"}) == 3);
  CHECK(count({.scope = "none"}) == 0);
}

TEST_CASE("the CSV is read by position and by name") {
  const auto lines = lines_of(stat_csv(stat_rows(snapshot(), {})));
  REQUIRE(lines.size() == 7);
  CHECK(
      lines[0].starts_with("# "
                           "pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,"
                           "wretr,wredis,status,"));
  CHECK(lines[0].ends_with(",agg_server_status,agg_server_check_status,agg_check_status,-,"));
  for (const std::string& line : lines) {
    const auto cells = cells_of(line);
    CHECK(cells.size() == kColumns + 2);  // the mark, and nothing behind the last comma
    CHECK(cells[kColumns] == "-");
    CHECK(std::ranges::count(line, ',') >= 51);  // hatop drops lines with fewer
  }
  // haproxy_exporter: 32 is the type, 17 the status, which it knows in these words only.
  const auto a = cells_of(lines[2]);
  CHECK(a[32] == "2");
  CHECK(a[17] == "no check");
  const auto b = cells_of(lines[3]);
  CHECK(b[17] == "DOWN");
  CHECK(b[36] == "L7STS");
  CHECK(b[37] == "503");
  CHECK(b[38] == "12");
  CHECK(lines[3].find(",\"HTTP 503, \"\"no\"\"\",") != std::string::npos);
  CHECK(cells_of(lines[1])[32] == "0");
  CHECK(cells_of(lines[1])[48] == "7");
  CHECK(cells_of(lines[4])[32] == "1");
}

TEST_CASE("how a server's checks stand is told in its status") {
  const auto status = [](std::string state, int points, int weight = 1) {
    Snapshot made = snapshot();
    EntitySnapshot& server = made.entities.back();
    server.state = std::move(state);
    server.facts.check.points = points;
    server.weight = weight;
    return stat_rows(made, {.proxy = 2, .kinds = 4, .server = 2}).at(0).text(Column::kStatus);
  };
  CHECK(status("up", 4) == "UP");
  CHECK(status("up", 3) == "UP 2/3");
  CHECK(status("up", 2) == "UP 1/3");
  CHECK(status("down", 1) == "DOWN 1/2");
  CHECK(status("down", 0) == "DOWN");
  CHECK(status("ejected", 4) == "NOLB");
  CHECK(status("maint", 4) == "MAINT");
  CHECK(status("draining", 4) == "NOLB");
  CHECK(status("draining", 3) == "NOLB 2/3");
  CHECK(status("up", 4, 0) == "UP");
}

TEST_CASE("a backend is up as long as a server of it is, or it has none") {
  Snapshot made = snapshot();
  const auto status = [&](const StatWish& wish) { return stat_rows(made, wish).at(0).text(Column::kStatus); };
  CHECK(status({.proxy = 2, .kinds = 2}) == "UP");
  CHECK(status({.proxy = 2, .kinds = 2, .no_maint = true}) == "UP (1/2)");
  CHECK(status({.proxy = 3, .kinds = 2}) == "UP");
  made.entities[3].state = "down";
  CHECK(status({.proxy = 2, .kinds = 2}) == "DOWN");
}

TEST_CASE("what does not apply is empty, in every form") {
  const auto rows = stat_rows(snapshot(), {});
  CHECK(rows[0].text(Column::kQcur).empty());     // a frontend has no queue
  CHECK(rows[1].text(Column::kChkfail).empty());  // nor a server without checks any that failed
  CHECK(rows[1].text(Column::kSlim).empty());
  CHECK(rows[3].text(Column::kEreq).empty());
  const std::string typed = stat_typed(rows);
  CHECK(typed.starts_with(
      "F.1.0.0.pxname.1:KNS:str:web\nF.1.0.1.svname.1:KNS:str:FRONTEND\nF.1.0.4.scur.1:MGP:u32:0\n"));
  CHECK(typed.find("\nS.2.1.19.act.1:SGP:u32:1\n") != std::string::npos);
  CHECK(typed.find("\nB.2.0.19.act.1:MGP:u32:1\n") != std::string::npos);
  CHECK(typed.find("S.2.1.21.chkfail") == std::string::npos);
  const auto json = nlohmann::json::parse(stat_json(rows));
  CHECK(json.size() == rows.size());
  CHECK(json[0][2] ==
        nlohmann::json::parse(R"({"objType":"Frontend","proxyId":1,"id":0,"field":{"pos":4,"name":"scur"},
      "processNum":1,"tags":{"origin":"Metric","nature":"Gauge","scope":"Process"},"value":{"type":"u32","value":0}})"));
}

TEST_CASE("counters that were cleared begin at zero, and what is now does not") {
  Snapshot made = snapshot();
  made.entities[0].totals.open_connections = 2;
  made.entities[0].cleared = std::make_shared<const TrafficTotals>(made.entities[0].totals);
  made.entities[0].totals.requests += 3;
  const auto rows = stat_rows(made, {.proxy = 1});
  CHECK(rows[0].text(Column::kReqTot) == "3");
  CHECK(rows[0].text(Column::kScur) == "2");
}

TEST_CASE("show info is what tools expect of it") {
  const auto lines = lines_of(info_text(snapshot(), InfoForm::kPlain, false));
  CHECK(lines[0] == "Name: HAProxy");
  CHECK(lines[1] == "Version: 3.2.0-reseal-1.2.3");
  // Datadog splits every line before Uptime_sec at its only colon.
  for (const std::string& line : lines) {
    CHECK(std::ranges::count(line, ':') == 1);
    if (line.starts_with("Uptime_sec")) break;
  }
  const auto has = [&](const std::string& line) { return std::ranges::find(lines, line) != lines.end(); };
  CHECK(has("Uptime: 1d 1h01m01s"));
  CHECK(has("Uptime_sec: 90061"));
  CHECK(has("Idle_pct: 100"));
  CHECK(has("Process_num: 1"));
  CHECK(has("node: here"));
  CHECK(info_text(snapshot(), InfoForm::kTyped, false)
            .starts_with("0.Name.1:POS:str:HAProxy\n1.Version.1:POS:str:3.2.0-reseal-1.2.3\n"));
  CHECK(info_text(snapshot(), InfoForm::kPlain, true).find("Nbthread: 4:\"Worker threads\"\n") !=
        std::string::npos);
  CHECK(nlohmann::json::parse(info_text(snapshot(), InfoForm::kJson, false)).size() == 70);
}

TEST_CASE("names cannot put anything of their own into the page") {
  Snapshot made = snapshot();
  made.entities[0].name = "<b onclick='x'>&\"";
  const std::string page = stats_html(made, stat_rows(made, {}),
                                      {.uri = "/s?\"><i>", .scope = "\"><i>", .node = "", .description = {}});
  CHECK(page.find("<b onclick") == std::string::npos);
  CHECK(page.find("<i>") == std::string::npos);
  CHECK(page.find("&lt;b onclick=&#39;x&#39;&gt;&amp;&quot;") != std::string::npos);
  CHECK(page.find("HAProxy version 3.2.0-reseal-1.2.3") != std::string::npos);
  CHECK(page.find("<b>uptime = </b> 1d 1h01m01s<br>") != std::string::npos);
}
