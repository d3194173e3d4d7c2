#include "backends/retry_budget.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::backends;

namespace {

constexpr std::uint32_t kPercent = 20;

TimePoint at(std::int64_t milliseconds) {
  return TimePoint(std::chrono::hours(5)) + Duration(milliseconds);
}

int take_all(RetryBudget& budget, TimePoint now, std::uint32_t percent = kPercent) {
  int taken = 0;
  while (taken < 100000 && budget.take(percent, now)) ++taken;
  return taken;
}

}  // namespace

TEST_CASE("events of the last ten seconds are counted, older ones are forgotten") {
  RecentShare share;
  for (int second = 0; second < 30; ++second) {
    for (int i = 0; i < 5; ++i) share.count(at(second * 1000 + i));
    share.mark(at(second * 1000 + 10));
    const auto seconds = static_cast<std::uint64_t>(std::min(second + 1, 10));
    CHECK(share.all(at(second * 1000 + 20)) == 5 * seconds);
    CHECK(share.marked(at(second * 1000 + 20)) == seconds);
  }
  CHECK(share.all(at(29'000 + 9'500)) == 5);
  CHECK(share.all(at(29'000 + 20'000)) == 0);
  CHECK(share.marked(at(29'000 + 20'000)) == 0);
}

TEST_CASE("a long silence and many seconds at once leave no old event behind") {
  for (const int gap : {9, 10, 11, 12, 25, 1000}) {
    INFO(gap);
    RecentShare share;
    share.count(at(0));
    share.mark(at(0));
    share.count(at(gap * 1000));
    CHECK(share.all(at(gap * 1000)) == (gap < 10 ? 2 : 1));
    CHECK(share.marked(at(gap * 1000)) == (gap < 10 ? 1 : 0));
  }
}

TEST_CASE("a single request may be repeated when there is no other traffic") {
  RetryBudget budget;
  budget.count_request(at(0));
  CHECK(budget.take(kPercent, at(0)));
}

TEST_CASE("retries are the share of the requests and the floor, no more") {
  for (const std::uint32_t percent : {1U, 20U, 50U, 100U}) {
    RetryBudget budget;
    for (int i = 0; i < 1000; ++i) budget.count_request(at(i));
    CHECK(take_all(budget, at(1000), percent) == static_cast<int>(10 * percent + RetryBudget::kFloor));
    CHECK_FALSE(budget.has_room(percent, at(1000)));
  }
}

TEST_CASE("a budget of nothing allows nothing, not the floor either") {
  RetryBudget budget;
  for (int i = 0; i < 1000; ++i) budget.count_request(at(i));
  CHECK_FALSE(budget.take(0, at(1000)));
}

TEST_CASE("a used-up budget comes back as its retries grow old") {
  RetryBudget budget;
  take_all(budget, at(0));
  CHECK_FALSE(budget.take(kPercent, at(8'500)));
  CHECK(take_all(budget, at(11'000)) == static_cast<int>(RetryBudget::kFloor));
}

TEST_CASE("in a lasting outage the retries stay a fifth of the requests and the floor") {
  RetryBudget budget;
  int retries = 0;
  constexpr int kSeconds = 60;
  constexpr int kRate = 100;
  for (int i = 0; i < kSeconds * kRate; ++i) {
    const TimePoint now = at(i * 1000 / kRate);
    budget.count_request(now);
    // Each request would like to be repeated twice.
    for (int attempt = 0; attempt < 2; ++attempt) retries += budget.take(kPercent, now) ? 1 : 0;
  }
  CHECK(retries <= kSeconds * kRate / 5 + 10 * kSeconds / 10 + 20);
  CHECK(retries >= kSeconds * kRate / 5);
}
