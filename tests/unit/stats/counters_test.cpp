#include "lb/stats/counters.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::stats;
using namespace std::chrono_literals;

TEST_CASE("every latency falls below its bucket's bound and not below the one before") {
  for (std::int64_t us = 0; us < 200'000'000; us += 1 + us / 7) {
    const auto bucket = LatencyHistogram::bucket_of(Microseconds(us));
    REQUIRE(bucket < LatencyHistogram::kBuckets);
    CHECK(Microseconds(us) < LatencyHistogram::upper_bound(bucket));
    if (bucket > 0) CHECK(Microseconds(us) >= LatencyHistogram::upper_bound(bucket - 1));
  }
  CHECK(LatencyHistogram::bucket_of(Microseconds::max()) == LatencyHistogram::kBuckets - 1);
}

TEST_CASE("a clock that went backwards counts as no time at all") {
  LatencyHistogram histogram;
  histogram.record(-5us);
  CHECK(histogram.count(0) == 1);
  CHECK(histogram.sum_microseconds() == 0);
}

TEST_CASE("bucket bounds grow by at most a quarter") {
  for (std::size_t i = 1; i + 2 < LatencyHistogram::kBuckets; ++i) {
    const auto low = LatencyHistogram::upper_bound(i).count();
    const auto high = LatencyHistogram::upper_bound(i + 1).count();
    CHECK(high > low);
    CHECK(high - low <= low / 4);
  }
}

TEST_CASE("quantiles come from the histogram of all workers") {
  CounterSet set(2);
  for (int i = 0; i < 90; ++i) set.of(0).latency.record(1ms);
  for (int i = 0; i < 10; ++i) set.of(1).latency.record(100ms);
  const auto total = set.total();
  struct Case {
    double quantile;
    Microseconds at_least, below;
  };
  for (const Case& c : {Case{0.01, 1ms, 1250us}, Case{0.5, 1ms, 1250us}, Case{0.9, 1ms, 1250us},
                        Case{0.91, 100ms, 125ms}, Case{0.99, 100ms, 125ms}, Case{1, 100ms, 125ms}}) {
    INFO(c.quantile);
    CHECK(total.quantile(c.quantile) >= c.at_least);
    CHECK(total.quantile(c.quantile) < c.below);
  }
}

TEST_CASE("a quantile of nothing is 0, and one beyond the last bound is that bound") {
  CHECK(TrafficTotals().quantile(0.5) == 0us);
  TrafficTotals slow;
  slow.latency[LatencyHistogram::kBuckets - 1] = 1;
  CHECK(slow.quantile(0.5) == LatencyHistogram::upper_bound(LatencyHistogram::kBuckets - 2));
}

TEST_CASE("totals add up every counter of every worker") {
  CounterSet set(3);
  for (int worker = 0; worker < 3; ++worker) {
    TrafficCounters& slot = set.of(worker);
    const auto base = static_cast<std::uint64_t>(worker) * 100;  // sums: 300 + 3 n
    slot.connections.add(base + 1);
    slot.requests.add(base + 2);
    slot.bytes_in.add(base + 3);
    slot.bytes_out.add(base + 4);
    slot.bytes_spliced.add(base + 14);
    slot.connect_errors.add(base + 5);
    slot.response_errors.add(base + 6);
    slot.retries.add(base + 7);
    slot.handshakes_full.add(base + 8);
    slot.handshakes_resumed.add(base + 9);
    slot.handshake_errors.add(base + 10);
    slot.responses[4].add(base + 11);
    slot.failures[static_cast<std::size_t>(Code::kOutOfDescriptors)].add(base + 12);
    slot.open_connections.add(13);
    slot.latency.record(2ms);
  }
  const TrafficTotals total = set.total();
  const std::uint64_t values[] = {total.connections,
                                  total.requests,
                                  total.bytes_in,
                                  total.bytes_out,
                                  total.connect_errors,
                                  total.response_errors,
                                  total.retries,
                                  total.handshakes_full,
                                  total.handshakes_resumed,
                                  total.handshake_errors,
                                  total.responses[4],
                                  total.failures[static_cast<std::size_t>(Code::kOutOfDescriptors)]};
  std::uint64_t expected = 300;
  for (const std::uint64_t value : values) CHECK(value == (expected += 3));
  CHECK(total.bytes_spliced == 342);
  CHECK(total.open_connections == 39);
  CHECK(total.latency[LatencyHistogram::bucket_of(2ms)] == 3);
  CHECK(total.latency_sum_microseconds == 6000);
}

TEST_CASE("what is in flight may begin on one worker's count and end on another's") {
  CounterSet set(2);
  set.of(0).in_flight.add(5);
  set.of(1).in_flight.add(-2);
  CHECK(set.in_flight() == 3);
  set.of(1).in_flight.add(-4);  // read between the two halves of a move
  CHECK(set.in_flight() == 0);
}
