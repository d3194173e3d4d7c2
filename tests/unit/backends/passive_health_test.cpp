#include "backends/passive_health.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

using namespace reseal;
using namespace reseal::backends;

namespace {

ServerState server() {
  return {"web", "web1", *net::Address::parse("127.0.0.1", 8443), 1};
}

}  // namespace

TEST_CASE("failed connections in a row make a server suspect, at the limit and at each multiple of it") {
  struct Case {
    int limit;
    const char* events;    // f(ailed), c(onnected)
    const char* suspects;  // S where a suspicion is to be reported
  };
  for (const Case& c : {
           Case{3, "fff", "..S"},
           Case{3, "ffcff", "....."},
           Case{3, "ffcfff", ".....S"},
           Case{3, "fffffffff", "..S..S..S"},
           Case{1, "fcff", "S.SS"},
           Case{0, "ffffffff", "........"},
       }) {
    INFO(c.limit << " " << c.events);
    ServerState state = server();
    std::string suspects;
    for (const char event : std::string(c.events)) {
      if (event == 'f') {
        suspects += note_connect_failure(state, c.limit, "refused") ? 'S' : '.';
      } else {
        state.connect_failures = 0;
        suspects += '.';
      }
    }
    CHECK(suspects == c.suspects);
  }
}

TEST_CASE("5xx responses in a row make a server suspect, any other response ends the run") {
  struct Case {
    int limit;
    std::vector<int> statuses;
    const char* suspects;
  };
  for (const Case& c : {
           Case{3, {500, 502, 599}, "..S"},
           Case{3, {500, 502, 499, 503, 504}, "....."},
           Case{2, {500, 200, 500, 500}, "...S"},
           Case{2, {404, 404, 404}, "..."},
           Case{1, {200, 503, 503}, ".SS"},
           Case{0, {500, 500, 500}, "..."},
       }) {
    INFO(c.limit << " " << c.suspects);
    ServerState state = server();
    std::string suspects;
    for (const int status : c.statuses) suspects += note_response(state, c.limit, status) ? 'S' : '.';
    CHECK(suspects == c.suspects);
  }
}

TEST_CASE("a suspicion says in words what was seen") {
  ServerState state = server();
  CHECK_FALSE(note_connect_failure(state, 2, "connection refused"));
  CHECK(note_connect_failure(state, 2, "host unreachable") ==
        "2 failed connections in a row, last: host unreachable");
  CHECK(note_response(state, 1, 503) == "1 responses in a row were 5xx, last: 503");
}

TEST_CASE("a server that is down already is not suspected again, but its run is counted") {
  ServerState state = server();
  state.health = Health::kDown;
  CHECK_FALSE(note_connect_failure(state, 1, "refused"));
  CHECK_FALSE(note_response(state, 1, 500));
  CHECK(state.connect_failures == 1);
  CHECK(state.server_errors == 1);
}

TEST_CASE("of all workers that see a run reach the limit, exactly one reports it") {
  ServerState state = server();
  constexpr int kEach = 3000;
  constexpr int kLimit = 100;
  int reports[2] = {0, 0};
  const auto worker = [&](int& count) {
    for (int i = 0; i < kEach; ++i) count += note_connect_failure(state, kLimit, "refused") ? 1 : 0;
  };
  std::thread other(worker, std::ref(reports[0]));
  worker(reports[1]);
  other.join();
  CHECK(reports[0] + reports[1] == 2 * kEach / kLimit);
}
