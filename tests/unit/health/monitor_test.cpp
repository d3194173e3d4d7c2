#include "health/monitor.h"

#include <catch2/catch.hpp>

#include "health/check_texts.h"
#include "health_test_support.h"

using namespace reseal;
using namespace reseal::health;
using namespace reseal::test;
using backends::ServerState;

namespace {

/// A monitor on a loop, and the calls to it within turns.
struct Bench {
  void apply(std::vector<MonitoredServer> servers) {
    const net::Loop::Turn turn(loop);
    monitor->apply(std::move(servers));
  }
  void suspect(const ServerState& state, const std::string& reason) {
    const net::Loop::Turn turn(loop);
    monitor->on_server_suspect(state, reason);
  }
  [[nodiscard]] ServerReport report(const ServerState& state) { return monitor->report(state, loop.now()); }

  net::Loop loop;
  Log log{Log::Level::kOff};
  Random random{1};
  std::unique_ptr<Monitor> monitor = std::make_unique<Monitor>(loop, log, random);
};

config::Check fast_check() {
  config::Check check;
  check.interval = Duration(4);
  check.fast_interval = Duration(2);
  check.down_interval = Duration(3);
  check.timeout = Duration(5000);
  return check;
}

std::shared_ptr<ServerState> state_at(const net::Address& address, const char* name = "web1") {
  return std::make_shared<ServerState>("web", name, address, 1);
}

MonitoredServer watched(const std::shared_ptr<ServerState>& state, std::optional<config::Check> check) {
  MonitoredServer server;
  server.state = state;
  if (check) server.plan = plan_of(*check, state->address.get());
  server.check = std::move(check);
  server.passive.hold = Duration(30);
  return server;
}

/// Keeps what it is told.
struct Listener final : HealthListener {
  void on_server_changed(const MonitoredServer& server, const ProbeResult& told, ServersUp servers) override {
    changes.push_back(
        std::string(server.state->is_up() ? "UP" : "DOWN") + " for '" +
        std::string(told.status == config::CheckStatus::kUnknown ? "" : reason_text(told).substr(0, 26)) +
        "', " + std::to_string(servers.active) + " left");
  }
  void on_sessions_over(const std::shared_ptr<ServerState>& server, Code cause) override {
    over.push_back(server->name + " " + std::string(code_word(cause)));
  }
  void on_told(const ServerState&, bool, std::string_view line) override {
    lines.push_back(std::string(line.substr(0, line.find(", reason"))) +
                    std::string(line.substr(line.rfind(", status"))));
  }
  std::vector<std::string> changes, lines, over;
};

config::Check rare_check() {
  config::Check check;
  check.interval = check.fast_interval = check.down_interval = std::chrono::hours(1);
  return check;
}

}  // namespace

TEST_CASE(
    "a server goes down after fall failed checks in a row and up after rise passed ones, with the reason") {
  Bench bench;
  ScriptedServer server(bench.loop, http_reply("200 OK"));
  const auto state = state_at(server.address());
  bench.apply({watched(state, fast_check())});
  REQUIRE(run_until(bench.loop, [&] { return server.requests.size() >= 2; }));
  CHECK(state->is_up());

  server.reply = http_reply("503 Service Unavailable");
  const std::size_t good = server.requests.size();
  REQUIRE(run_until(bench.loop, [&] { return !state->is_up(); }));
  CHECK(server.requests.size() >= good + 2);  // one good answer may have been on its way
  CHECK(bench.report(*state).reason == "HTTP 503, expected 200-399 (3 failed checks in a row)");
  CHECK(bench.report(*state).last_check.starts_with("HTTP 503, expected 200-399 in "));

  server.reply = http_reply("200 OK");
  const std::size_t bad = server.requests.size();
  REQUIRE(run_until(bench.loop, [&] { return state->is_up(); }));
  CHECK(server.requests.size() >= bad + 1);
  CHECK(bench.report(*state).reason == "HTTP 200 (2 passed checks in a row)");
}

TEST_CASE("an occasional failure changes nothing") {
  Bench bench;
  ScriptedServer server(bench.loop, http_reply("200 OK"));
  const auto state = state_at(server.address());
  bench.apply({watched(state, fast_check())});
  for (int round = 0; round < 3; ++round) {
    server.reply = http_reply("500 x");
    REQUIRE(run_until(bench.loop, [&] { return bench.report(*state).last_check.starts_with("HTTP 500"); }));
    server.reply = http_reply("200 OK");
    REQUIRE(run_until(bench.loop, [&] { return bench.report(*state).reason == "HTTP 200"; }));
    CHECK(state->is_up());
  }
}

TEST_CASE("a server that begins down comes up by passed checks only") {
  Bench bench;
  ScriptedServer server(bench.loop, http_reply("500 x"));
  const auto state = state_at(server.address());
  state->health = backends::Health::kDown;
  bench.apply({watched(state, fast_check())});
  REQUIRE(run_until(bench.loop, [&] { return server.requests.size() >= 3; }));
  CHECK_FALSE(state->is_up());
  server.reply = http_reply("200 OK");
  CHECK(run_until(bench.loop, [&] { return state->is_up(); }));
}

TEST_CASE("the first check comes soon, however long the interval is") {
  Bench bench;
  ScriptedServer server(bench.loop, http_reply("200 OK"));
  const auto state = state_at(server.address());
  const TimePoint start = Clock::now();
  bench.apply({watched(state, rare_check())});
  REQUIRE(run_until(bench.loop, [&] { return bench.report(*state).reason == "HTTP 200"; }));
  CHECK(Clock::now() - start < std::chrono::seconds(5));  // 200 ms, and a busy machine
}

TEST_CASE(
    "a server that is slow to answer is not asked again before that check is over, not by a reload either") {
  Bench bench;
  ScriptedServer server(bench.loop, "");
  const auto state = state_at(server.address());
  bench.apply({watched(state, fast_check())});
  REQUIRE(run_until(bench.loop, [&] { return server.requests.size() == 1; }));
  bench.suspect(*state, "traffic says so");
  bench.apply({watched(state, fast_check())});  // a reload without changes
  run_for(bench.loop, Duration(30));
  CHECK(server.connections == 1);
  server.answer_with(http_reply("200 OK"));
  CHECK(run_until(bench.loop, [&] { return state->is_up(); }));
}

TEST_CASE("a suspicion takes a checked server out at once, and its check brings it back") {
  Bench bench;
  ScriptedServer server(bench.loop, http_reply("200 OK"));
  const auto state = state_at(server.address());
  state->connect_failures = 7;
  bench.apply({watched(state, fast_check())});
  bench.suspect(*state, "3 failed connections in a row");
  CHECK_FALSE(state->is_up());
  CHECK(bench.report(*state).reason == "3 failed connections in a row");
  REQUIRE(run_until(bench.loop, [&] { return state->is_up(); }));
  CHECK(server.requests.size() >= 2);
  CHECK(state->connect_failures ==
        0);  // the run of failures is forgotten, so that it is not suspected again at once
}

TEST_CASE("a suspected server without a check is tried again after the hold") {
  Bench bench;
  const auto state = state_at(*net::Address::parse("127.0.0.1", 1));
  bench.apply({watched(state, std::nullopt)});
  CHECK(bench.report(*state).reason == "not checked");
  const TimePoint start = Clock::now();
  bench.suspect(*state, "traffic says so");
  bench.suspect(*state, "and says it again");
  CHECK_FALSE(state->is_up());
  CHECK(bench.report(*state).reason == "traffic says so");
  REQUIRE(run_until(bench.loop, [&] { return state->is_up(); }));
  CHECK(Clock::now() - start >= std::chrono::milliseconds(29));
  CHECK(bench.report(*state).reason == "trying again after 30 ms; there is no check to tell");
}

TEST_CASE("a reload neither ends a hold nor loses it") {
  Bench bench;
  const auto state = state_at(*net::Address::parse("127.0.0.1", 1));
  bench.apply({watched(state, std::nullopt)});
  bench.suspect(*state, "traffic says so");
  bench.apply({watched(state, std::nullopt)});
  CHECK_FALSE(state->is_up());
  CHECK(bench.report(*state).reason == "traffic says so");
  CHECK(run_until(bench.loop, [&] { return state->is_up(); }));
}

TEST_CASE("a server whose check is removed counts as up, and holds work for it from then on") {
  for (const bool was_up : {true, false}) {
    Bench bench;
    ScriptedServer server(bench.loop, "");
    const auto state = state_at(server.address());
    bench.apply({watched(state, fast_check())});
    if (!was_up) bench.suspect(*state, "traffic says so");
    bench.apply({watched(state, std::nullopt)});
    CHECK(state->is_up());
    bench.suspect(*state, "traffic says so");
    CHECK_FALSE(state->is_up());
    CHECK(run_until(bench.loop, [&] { return state->is_up(); }));
  }
}

TEST_CASE("a reload keeps what is known of a server and takes up its new check") {
  Bench bench;
  ScriptedServer server(bench.loop, http_reply("404 x"));
  const auto state = state_at(server.address());
  config::Check check = rare_check();
  bench.apply({watched(state, check)});
  bench.suspect(*state, "traffic says so");
  check.path = "/other";
  check.rise = 1;
  check.expect_status = {{404, 404}};
  bench.apply({watched(state, check)});
  CHECK_FALSE(state->is_up());
  REQUIRE(run_until(bench.loop, [&] { return state->is_up(); }));
  CHECK(server.requests.back().starts_with("GET /other "));
  CHECK(bench.report(*state).reason == "HTTP 404 (1 passed check in a row)");
}

TEST_CASE("reloads in quick succession do not keep checks from being made") {
  Bench bench;
  ScriptedServer server(bench.loop, http_reply("500 x"));
  const auto state = state_at(server.address());
  config::Check check = fast_check();
  check.interval = Duration(20);
  check.fast_interval = Duration(20);
  bench.apply({watched(state, check)});
  CHECK(run_until(bench.loop, [&] {
    bench.monitor->apply({watched(state, check)});  // every millisecond
    return !state->is_up();
  }));
}

TEST_CASE("a server that left the configuration is not checked any more, a new one is") {
  Bench bench;
  ScriptedServer old_server(bench.loop, http_reply("200 OK"));
  ScriptedServer new_server(bench.loop, http_reply("200 OK"));
  const auto old_state = state_at(old_server.address());
  const auto new_state = state_at(new_server.address(), "web2");
  bench.apply({watched(old_state, fast_check())});
  REQUIRE(run_until(bench.loop, [&] { return !old_server.requests.empty(); }));
  bench.apply({watched(new_state, fast_check())});
  const int connections = old_server.connections;
  REQUIRE(run_until(bench.loop, [&] { return new_server.requests.size() >= 3; }));
  CHECK(old_server.connections <= connections + 1);  // one may have been in the kernel's queue
  CHECK(bench.report(*old_state).reason.empty());
  bench.suspect(*old_state, "a late word from a worker");
  CHECK(old_state->is_up());
}

TEST_CASE("each server is judged by itself") {
  Bench bench;
  ScriptedServer good(bench.loop, http_reply("200 OK"));
  ScriptedServer bad(bench.loop, http_reply("500 x"));
  const auto a = state_at(good.address(), "a");
  const auto b = state_at(bad.address(), "b");
  const auto c = state_at(good.address(), "c");
  bench.apply({watched(a, fast_check()), watched(b, fast_check()), watched(c, fast_check())});
  REQUIRE(run_until(bench.loop, [&] { return !b->is_up(); }));
  CHECK(a->is_up());
  CHECK(c->is_up());
}

TEST_CASE("the monitor may go while checks are under way") {
  Bench bench;
  ScriptedServer server(bench.loop, "");
  const auto state = state_at(server.address());
  bench.apply({watched(state, fast_check())});
  REQUIRE(run_until(bench.loop, [&] { return server.requests.size() == 1; }));
  {
    const net::Loop::Turn turn(bench.loop);
    bench.monitor.reset();
  }
  run_for(bench.loop, Duration(5));
  CHECK(state->is_up());
}

TEST_CASE("a listener is told of every change, and of checks where their results are logged") {
  for (const bool is_logged : {false, true}) {
    Bench bench;
    Listener listener;
    bench.monitor->set_listener(&listener);
    ScriptedServer server(bench.loop, http_reply("200 OK"));
    const auto state = state_at(server.address());
    config::Check check = fast_check();
    check.fall = 2;
    check.is_logged = is_logged;
    bench.apply({watched(state, check)});
    REQUIRE(run_until(bench.loop, [&] { return server.requests.size() >= 3; }));
    server.reply = http_reply("503 Service Unavailable");
    REQUIRE(run_until(bench.loop, [&] { return !state->is_up(); }));
    if (is_logged) {
      // Of the passed checks the first is news.
      CHECK(listener.lines == std::vector<std::string>{
                                  "Health check for server web/web1 succeeded, status: 2/2 UP.",
                                  "Health check for server web/web1 failed, status: 1/2 UP.",
                                  "Health check for server web/web1 failed, status: 0/2 DOWN.",
                              });
      CHECK(listener.changes == std::vector<std::string>{"DOWN for '', 0 left"});
    } else {
      CHECK(listener.lines.empty());
      CHECK(listener.changes == std::vector<std::string>{"DOWN for 'reason: Layer7 wrong statu', 0 left"});
    }
  }
}

TEST_CASE(
    "checks follow a server that moves, and one without an address is out of service until it has one") {
  Bench bench;
  ScriptedServer here(bench.loop, http_reply("200 OK"));
  ScriptedServer there(bench.loop, http_reply("200 OK"));
  const auto state = state_at(here.address());
  bench.apply({watched(state, fast_check())});
  REQUIRE(run_until(bench.loop, [&] { return !here.requests.empty(); }));
  const auto move = [&](const std::string& lost) {
    const net::Loop::Turn turn(bench.loop);
    bench.monitor->on_server_moved(*state, lost);
  };
  state->address.move_to(there.address());
  move("");
  const std::size_t asked = here.requests.size();
  REQUIRE(run_until(bench.loop, [&] { return there.requests.size() >= 2; }));
  CHECK(here.requests.size() <= asked + 1);  // one may have been on its way
  move("gone");
  CHECK(state->is_in_maintenance());
  CHECK(state->unresolved);
  CHECK(bench.report(*state).reason == "gone");
  there.reply = http_reply("503 x");
  state->address.move_to(here.address());
  move("");
  CHECK(state->is_up());
  CHECK_FALSE(state->unresolved);
  const std::size_t before = here.requests.size();
  REQUIRE(run_until(bench.loop, [&] { return here.requests.size() >= before + 2; }));
  CHECK(state->is_up());
}

TEST_CASE("sessions are over where the configuration says so") {
  Bench bench;
  Listener listener;
  bench.monitor->set_listener(&listener);
  ScriptedServer server(bench.loop, http_reply("503 x"));
  const auto state = state_at(server.address());
  const auto spare = state_at(server.address(), "spare");
  const auto backup =
      std::make_shared<ServerState>("web", "backup", server.address(), 1, state->backend_state);
  config::Check check = fast_check();
  check.fall = check.rise = 1;
  MonitoredServer watched_one = watched(state, check);
  watched_one.ends_sessions_when_down = watched_one.ends_backup_sessions_when_up = true;
  MonitoredServer watched_backup = watched(backup, std::nullopt);
  watched_backup.backup = true;
  bench.apply({watched_one, watched(spare, check), watched_backup});
  REQUIRE(run_until(bench.loop, [&] { return !state->is_up() && !spare->is_up(); }));
  CHECK(listener.over == std::vector<std::string>{"web1 server_went_down"});
  server.reply = http_reply("200 OK");
  REQUIRE(run_until(bench.loop, [&] { return state->is_up() && spare->is_up(); }));
  CHECK(listener.over == std::vector<std::string>{"web1 server_went_down", "backup backup_relieved"});
}
