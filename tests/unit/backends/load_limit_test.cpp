#include "backends/load_limit.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::backends;

TEST_CASE("a limit that goes by the load of the backend, as HAProxy reckons it") {
  const LoadLimit limit{3, 30, 100};
  CHECK(limit_at(limit, 0) == 3);
  CHECK(limit_at(limit, 10) == 3);
  CHECK(limit_at(limit, 13) == 3);
  CHECK(limit_at(limit, 14) == 4);  // 4.2
  CHECK(limit_at(limit, 50) == 15);
  CHECK(limit_at(limit, 99) == 29);
  CHECK(limit_at(limit, 100) == 30);
  CHECK(limit_at(limit, 5000) == 30);
  CHECK(limit_at({1, 4'000'000'000, 4'000'000'000}, 3'999'999'999) == 3'999'999'999);
}

TEST_CASE("one that has come up takes a part of it, by whole seconds") {
  using namespace std::chrono_literals;
  CHECK(limit_while_starting(40, 0ms, 10s) == 1);
  CHECK(limit_while_starting(40, 999ms, 10s) == 1);
  CHECK(limit_while_starting(40, 2500ms, 10s) == 8);
  CHECK(limit_while_starting(40, 9s, 10s) == 36);
  CHECK(limit_while_starting(40, 10s, 10s) == 40);
  CHECK(limit_while_starting(40, 1s, 0s) == 40);
}
