#include "health/ejection.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::health;

namespace {

TimePoint at(std::int64_t seconds) {
  return TimePoint(std::chrono::hours(1)) + std::chrono::seconds(seconds);
}

}  // namespace

TEST_CASE("an ejection is longer with each relapse, up to ten times") {
  EjectionTimes times;
  TimePoint now = at(0);
  for (int i = 1; i <= 15; ++i) {
    const Duration time = times.begin(now, Duration(30'000));
    CHECK(time == Duration(30'000) * std::min(i, 10));
    now += time + Duration(1000);  // bad again soon after it is back
  }
}

TEST_CASE("a server that was well for as long as it was left out begins anew") {
  EjectionTimes times;
  CHECK(times.begin(at(0), Duration(30'000)) == Duration(30'000));
  CHECK(times.begin(at(59), Duration(30'000)) == Duration(60'000));   // back at 30, well for 29
  CHECK(times.begin(at(179), Duration(30'000)) == Duration(30'000));  // back at 119, well for 60
}

TEST_CASE("no more are ejected than the cap says, and at least one goes on serving") {
  struct Case {
    int servers, serving, ejected, percent;
    bool may;
  };
  for (const Case& c : {
           Case{4, 4, 0, 50, true},
           Case{4, 3, 1, 50, true},
           Case{4, 2, 2, 50, false},
           Case{3, 3, 0, 50, true},
           Case{3, 2, 1, 50, false},
           Case{2, 2, 0, 10, true},    // one, although that is more than the share
           Case{1, 1, 0, 100, false},  // the only one
           Case{3, 1, 0, 100, false},  // the only one that is up
           Case{3, 2, 1, 100, true},
           Case{4, 4, 0, 0, false},
       }) {
    INFO(c.servers << " " << c.serving << " " << c.ejected << " " << c.percent);
    CHECK(may_eject(c.servers, c.serving, c.ejected, c.percent) == c.may);
  }
}

TEST_CASE("however many are bad, the cap holds") {
  for (int servers = 1; servers <= 20; ++servers) {
    for (int percent = 0; percent <= 100; percent += 10) {
      int ejected = 0;
      while (may_eject(servers, servers - ejected, ejected, percent)) ++ejected;
      CHECK(ejected < servers);
      CHECK(ejected <= std::max(percent == 0 ? 0 : 1, servers * percent / 100));
    }
  }
}
