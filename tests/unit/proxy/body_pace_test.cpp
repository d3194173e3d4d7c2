#include "lb/proxy/body_pace.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::proxy;
using namespace std::chrono_literals;

namespace {

constexpr TimePoint kBegin{1h};

bool is_slow_after(Duration time, std::uint64_t bytes, std::uint32_t rate = 500) {
  BodyPace pace;
  pace.begin();
  pace.wait(kBegin);
  return pace.is_slow(bytes, rate, 30s, kBegin + time);
}

}  // namespace

TEST_CASE("a body has its grace, and a second for each rate of bytes") {
  CHECK_FALSE(is_slow_after(30s, 0));
  CHECK(is_slow_after(30s + 1ms, 0));
  CHECK_FALSE(is_slow_after(31s, 500));
  CHECK(is_slow_after(31s + 1ms, 500));
  CHECK_FALSE(is_slow_after(30s + 100ms, 50));
  CHECK(is_slow_after(30s + 101ms, 50));
  CHECK_FALSE(is_slow_after(30s + 200h, 500 * 3600 * 200));
  CHECK_FALSE(is_slow_after(200h, UINT64_MAX));
  CHECK_FALSE(is_slow_after(200h, 0, 0));
}

TEST_CASE("only the time in which the client was waited for counts") {
  BodyPace pace;
  pace.begin();
  CHECK_FALSE(pace.is_slow(0, 500, 1s, kBegin + 1h));
  pace.wait(kBegin);
  pace.wait(kBegin + 600ms);  // a piece came
  CHECK(pace.silence(kBegin + 700ms) == 100ms);
  pace.pause(kBegin + 800ms);
  CHECK(pace.silence(kBegin + 1h) == 0ms);
  CHECK_FALSE(pace.is_slow(0, 500, 1s, kBegin + 1h));
  pace.wait(kBegin + 1h);
  CHECK_FALSE(pace.is_slow(0, 500, 1s, kBegin + 1h + 200ms));
  CHECK(pace.is_slow(0, 500, 1s, kBegin + 1h + 201ms));
  pace.begin();
  CHECK_FALSE(pace.is_slow(0, 500, 1s, kBegin + 2h));
}
