// What the monitor does about outliers, and when a backend panics.
#include <catch2/catch.hpp>

#include "health/monitor.h"
#include "health_test_support.h"

using namespace reseal;
using namespace reseal::health;
using namespace reseal::test;
using backends::BackendState;
using backends::Health;
using backends::ServerState;

namespace {

/// A monitor of some servers of one backend, none of them checked.
struct Bench {
  explicit Bench(int count, int panic_threshold = 0, Duration eject_for = std::chrono::hours(1)) {
    for (int i = 0; i < count; ++i) {
      states.push_back(std::make_shared<ServerState>("web", "web" + std::to_string(i),
                                                     *net::Address::parse("127.0.0.1", 1), 1, backend));
    }
    outlier.eject_for = eject_for;
    threshold = panic_threshold;
    apply();
  }
  void apply() {
    std::vector<MonitoredServer> servers;
    for (std::size_t i = 0; i < states.size(); ++i) {
      MonitoredServer server;
      server.state = states[i];
      server.passive.hold = std::chrono::hours(1);
      server.outlier = outlier;
      server.panic_threshold = threshold;
      server.backup = i >= first_backup;
      server.counts = !server.backup;
      servers.push_back(std::move(server));
    }
    const net::Loop::Turn turn(loop);
    monitor.apply(std::move(servers));
  }
  void outlier_seen(int server) {
    const net::Loop::Turn turn(loop);
    monitor.on_server_outlier(*states[static_cast<std::size_t>(server)],
                              "5 errors in a row, last: server_reset");
  }
  void goes_down(int server) {
    const net::Loop::Turn turn(loop);
    monitor.on_server_suspect(*states[static_cast<std::size_t>(server)], "3 failed connections in a row");
  }
  [[nodiscard]] bool ejected(int server) const {
    return states[static_cast<std::size_t>(server)]->is_ejected();
  }

  net::Loop loop;
  Log log{Log::Level::kOff};
  Random random{1};
  Monitor monitor{loop, log, random};
  std::shared_ptr<BackendState> backend = std::make_shared<BackendState>();
  std::vector<std::shared_ptr<ServerState>> states;
  config::Outlier outlier;
  std::size_t first_backup = 100;
  int threshold = 0;
};

}  // namespace

TEST_CASE("an outlier is left out for its time, says why, and comes back as one that has just come up") {
  Bench bench(2, 0, Duration(30));
  const TimePoint start = Clock::now();
  bench.outlier_seen(0);
  CHECK(bench.ejected(0));
  CHECK(bench.states[0]->is_up());
  CHECK(bench.monitor.report(*bench.states[0], Clock::now()).reason ==
        "5 errors in a row, last: server_reset");
  CHECK(bench.monitor.report(*bench.states[0], Clock::now()).ejections == 1);
  bench.states[0]->response_failures = 7;
  REQUIRE(run_until(bench.loop, [&] { return !bench.ejected(0); }));
  CHECK(Clock::now() - start >= std::chrono::milliseconds(29));
  CHECK(bench.states[0]->response_failures == 0);
  CHECK(bench.states[0]->up_since.load() > start);
}

TEST_CASE("a server that is down, or the only one that serves, is not left out") {
  Bench bench(3);
  bench.goes_down(0);
  bench.outlier_seen(0);
  CHECK_FALSE(bench.ejected(0));
  bench.goes_down(1);
  bench.outlier_seen(2);
  CHECK_FALSE(bench.ejected(2));
}

TEST_CASE("no more than max_ejected of the servers are left out, whoever else misbehaves") {
  Bench bench(4);
  for (int i = 0; i < 4; ++i) bench.outlier_seen(i);
  CHECK(bench.ejected(0));
  CHECK(bench.ejected(1));
  CHECK_FALSE(bench.ejected(2));
  CHECK_FALSE(bench.ejected(3));
}

TEST_CASE("a reload keeps an ejection, unless it switches outlier off") {
  Bench bench(2);
  bench.outlier_seen(0);
  bench.apply();
  CHECK(bench.ejected(0));
  bench.outlier.enabled = false;
  bench.apply();
  CHECK_FALSE(bench.ejected(0));
  bench.outlier_seen(0);
  CHECK_FALSE(bench.ejected(0));
}

TEST_CASE("a backend panics when fewer servers than the threshold are up, and stops when there are enough") {
  struct Case {
    int servers;
    int down;
    int threshold;
    bool panics;
  };
  for (const Case& c : {
           Case{4, 2, 50, false},
           Case{4, 3, 50, true},
           Case{4, 4, 50, true},
           Case{4, 4, 1, true},
           Case{4, 4, 0, false},
           Case{3, 1, 100, true},
           Case{3, 0, 100, false},
       }) {
    INFO(c.servers << " " << c.down << " " << c.threshold);
    Bench bench(c.servers, c.threshold);
    for (int i = 0; i < c.down; ++i) bench.goes_down(i);
    CHECK(bench.backend->panics == c.panics);
    bench.threshold = 0;
    bench.apply();  // a reload
    CHECK_FALSE(bench.backend->panics);
  }
}

TEST_CASE("ejected servers are not up for a panic either") {
  Bench bench(4, 60);
  bench.outlier_seen(0);
  CHECK_FALSE(bench.backend->panics);
  bench.outlier_seen(1);
  CHECK(bench.backend->panics);
}

TEST_CASE("a backup that serves is better than a panic") {
  Bench bench(3, 50);
  bench.first_backup = 2;
  bench.apply();
  bench.goes_down(0);
  bench.goes_down(1);
  CHECK_FALSE(bench.backend->panics);
  bench.goes_down(2);
  CHECK(bench.backend->panics);
}
