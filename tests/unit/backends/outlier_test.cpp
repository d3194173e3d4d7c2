#include "backends/outlier.h"

#include <catch2/catch.hpp>
#include <thread>

using namespace reseal;
using namespace reseal::backends;

namespace {

ServerState server() {
  return {"web", "web1", *net::Address::parse("127.0.0.1", 8443), 1};
}

const TimePoint kNow = TimePoint(std::chrono::hours(1));

}  // namespace

TEST_CASE("errors in a row are a reason, at the limit and at each multiple of it") {
  struct Case {
    int limit;
    bool server_errors;
    const char* events;   // e(rror), o(k), 5 (a response of 5xx)
    const char* reasons;  // R where there is one
  };
  for (const Case& c : {
           Case{3, false, "eee", "..R"},
           Case{3, false, "eeoee", "....."},
           Case{3, false, "eeeeee", "..R..R"},
           Case{3, false, "e5e5e5e", "......."},
           Case{3, true, "e5e5e5e", "..R..R."},
           Case{1, false, "eoe", "R.R"},
           Case{0, false, "eeeeeeeeee", ".........."},
       }) {
    INFO(c.limit << " " << c.events);
    ServerState state = server();
    OutlierDetector detector;
    OutlierSettings settings;
    settings.consecutive_errors = c.limit;
    settings.server_errors = c.server_errors;
    std::string reasons;
    for (const char event : std::string(c.events)) {
      const auto reason = event == 'e'
                              ? detector.note_error(settings, state, "server_reset", kNow)
                              : detector.note_response(settings, state, event == '5' ? 500 : 200, kNow);
      reasons += reason ? 'R' : '.';
    }
    CHECK(reasons == c.reasons);
  }
}

TEST_CASE("a share of errors is a reason once there are enough responses, and is told once") {
  ServerState state = server();
  OutlierDetector detector;
  OutlierSettings settings;
  settings.consecutive_errors = 0;
  settings.error_percent = 50;
  settings.least_requests = 10;
  for (int i = 0; i < 4; ++i) {
    CHECK_FALSE(detector.note_response(settings, state, 200, kNow));
    CHECK_FALSE(detector.note_error(settings, state, "server_reset", kNow));
  }
  CHECK_FALSE(detector.note_response(settings, state, 200, kNow));
  CHECK(detector.note_error(settings, state, "server_reset", kNow) ==
        "5 of 10 responses within 10 s were errors");
  CHECK_FALSE(detector.note_error(settings, state, "server_reset", kNow));
}

TEST_CASE("errors that are old do not count in the share") {
  ServerState state = server();
  OutlierDetector detector;
  OutlierSettings settings;
  settings.consecutive_errors = 0;
  settings.error_percent = 50;
  settings.least_requests = 10;
  for (int i = 0; i < 9; ++i) CHECK_FALSE(detector.note_error(settings, state, "server_reset", kNow));
  const TimePoint later = kNow + std::chrono::seconds(11);
  for (int i = 0; i < 20; ++i) CHECK_FALSE(detector.note_response(settings, state, 200, later));
  CHECK_FALSE(detector.note_error(settings, state, "server_reset", later));
}

TEST_CASE("a reason says what was seen last") {
  ServerState state = server();
  OutlierDetector detector;
  OutlierSettings settings;
  settings.consecutive_errors = 2;
  settings.server_errors = true;
  CHECK_FALSE(detector.note_error(settings, state, "server_timeout", kNow));
  CHECK(detector.note_response(settings, state, 503, kNow) == "2 errors in a row, last: HTTP 503");
}

TEST_CASE("of all workers that see a run of errors reach the limit, exactly one tells of it") {
  ServerState state = server();
  constexpr int kEach = 3000;
  OutlierSettings settings;
  settings.consecutive_errors = 100;
  int reports[2] = {0, 0};
  const auto worker = [&](int& count) {
    OutlierDetector detector;
    for (int i = 0; i < kEach; ++i)
      count += detector.note_error(settings, state, "server_reset", kNow) ? 1 : 0;
  };
  std::thread other(worker, std::ref(reports[0]));
  worker(reports[1]);
  other.join();
  CHECK(reports[0] + reports[1] == 2 * kEach / settings.consecutive_errors);
}
