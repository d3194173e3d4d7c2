#include "backends/slow_start.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::backends;

TEST_CASE("a server that came up begins with a tenth of its weight and has all of it when the time is over") {
  constexpr Duration kTime{30'000};
  for (const std::uint32_t weight : {1U, 7U, 100U, 1000U}) {
    INFO(weight);
    CHECK(slow_start_weight(weight, Duration(0), kTime) == weight * 10);
    CHECK(slow_start_weight(weight, Duration(15'000), kTime) == weight * 55);
    CHECK(slow_start_weight(weight, Duration(29'999), kTime) < weight * 100);
    CHECK(slow_start_weight(weight, kTime, kTime) == weight * 100);
    CHECK(slow_start_weight(weight, Duration::max(), kTime) == weight * 100);
  }
}

TEST_CASE("the weight never falls while time passes, and is never 0") {
  constexpr Duration kTime{777};
  std::uint32_t before = 0;
  for (int i = -5; i < 1000; ++i) {
    const std::uint32_t weight = slow_start_weight(1, Duration(i), kTime);
    CHECK(weight >= before);
    CHECK(weight >= 10);
    CHECK(weight <= 100);
    before = weight;
  }
}
