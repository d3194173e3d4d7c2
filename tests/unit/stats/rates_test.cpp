#include "lb/stats/rates.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::stats;
using namespace std::chrono_literals;

namespace {

/// A meter and the moved-by-hand clock and total it is fed from.
struct Fed {
  RateMeter meter;
  TimePoint now{1h};
  std::uint64_t total = 1'000'000;

  Fed() { meter.sample(now, total); }
  void pass(Duration time, std::uint64_t events) {
    now += time;
    total += events;
    meter.sample(now, total);
  }
  void seconds(int count, std::uint64_t events_each) {
    for (int i = 0; i < count; ++i) pass(1s, events_each);
  }
};

}  // namespace

TEST_CASE("there is no rate before there are two samples") {
  RateMeter meter;
  CHECK(meter.over(1s) == 0);
  meter.sample(TimePoint{1h}, 5);
  CHECK(meter.over(1s) == 0);
  CHECK(meter.over(60s) == 0);
}

TEST_CASE("a history shorter than the window divides by what there is") {
  Fed fed;
  fed.seconds(3, 10);
  CHECK(fed.meter.over(1s) == Approx(10));
  CHECK(fed.meter.over(10s) == Approx(10));
  CHECK(fed.meter.over(60s) == Approx(10));
}

TEST_CASE("each window looks back as far as its length and no further") {
  Fed fed;
  fed.seconds(120, 50);
  fed.seconds(5, 150);
  CHECK(fed.meter.over(1s) == Approx(150));
  CHECK(fed.meter.over(10s) == Approx((5 * 50 + 5 * 150) / 10.0));
  CHECK(fed.meter.over(60s) == Approx((55 * 50 + 5 * 150) / 60.0));
  fed.seconds(60, 0);
  CHECK(fed.meter.over(60s) == 0);
}

TEST_CASE("every position of the ring gives the same answers") {
  Fed fed;
  fed.seconds(60, 7);
  for (int second = 0; second < 200; ++second) {
    fed.seconds(1, 7);
    REQUIRE(fed.meter.over(1s) == Approx(7));
    REQUIRE(fed.meter.over(10s) == Approx(7));
    REQUIRE(fed.meter.over(60s) == Approx(7));
  }
}

TEST_CASE("samples that come late divide by the time that really passed") {
  Fed fed;
  fed.seconds(10, 100);
  fed.pass(1250ms, 125);
  CHECK(fed.meter.over(1s) == Approx(100));
  fed.pass(5s, 500);  // the process was stopped for a while
  CHECK(fed.meter.over(1s) == Approx(100));
  CHECK(fed.meter.over(10s) == Approx(100));
}

TEST_CASE("two samples of one moment do not divide by zero") {
  Fed fed;
  fed.pass(0ms, 10);
  CHECK(fed.meter.over(1s) == 0);
}
