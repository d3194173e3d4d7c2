// A stick table: what a request costs that is counted in it, alone and beside others.
#include <string>
#include <vector>

#include "bench/micro/measuring.h"
#include "lb/rules/stick/tracking.h"

namespace reseal::bench {
namespace {

using namespace reseal::rules::stick;

constexpr std::uint64_t kSize = 100'000;
const TimePoint kNow{std::chrono::hours(1000)};

std::shared_ptr<Table> table() {
  Definition definition;
  definition.size = kSize;
  definition.expire = std::chrono::minutes(10);
  definition.stored = {{DataType::kConnCur}, {DataType::kHttpReqRate, 1, 10'000}};
  return std::make_shared<Table>("t", definition, HashKey{1, 2});
}

std::vector<std::string> keys() {
  std::vector<std::string> all;
  for (std::uint32_t i = 0; i < kSize; ++i) all.emplace_back(reinterpret_cast<const char*>(&i), sizeof i);
  return all;
}

struct Filled {
  std::shared_ptr<Table> table = bench::table();
  std::vector<std::string> keys = bench::keys();
  Filled() {
    for (const std::string& key : keys) (void)table->find_or_add(key, kNow);
  }
};
const Filled& filled() {
  static const Filled all;
  return all;
}

/// src_http_req_rate, table_http_req_rate
void stick_table_read(benchmark::State& state) {
  const Filled& all = filled();
  std::size_t i = static_cast<std::size_t>(state.thread_index()) * 7919;
  for (auto _ : state) {
    auto entry = all.table->find(all.keys[i++ * 61 % kSize], kNow);
    benchmark::DoNotOptimize(entry->value({DataType::kHttpReqRate}));
  }
}
BENCHMARK(stick_table_read)->Threads(1)->Threads(2);

/// http-request track-sc0 src, and its end with the request's
void stick_table_track(benchmark::State& state) {
  const Filled& all = filled();
  std::size_t i = static_cast<std::size_t>(state.thread_index()) * 7919;
  for (auto _ : state) {
    Tracking tracking;
    tracking.begin(nullptr, true);
    tracking.track(0, all.table, all.keys[i++ * 61 % kSize], kNow);
    tracking.end(kNow);
  }
}
BENCHMARK(stick_table_track)->Threads(1)->Threads(2);

/// A new client each time, at a table that is full.
void stick_table_new_client(benchmark::State& state) {
  const auto full = table();
  std::uint32_t client = 0;
  for (auto _ : state) {
    ++client;
    benchmark::DoNotOptimize(
        full->find_or_add({reinterpret_cast<const char*>(&client), sizeof client}, kNow));
  }
}
BENCHMARK(stick_table_new_client);

/// What a request costs that tracks nothing.
void stick_table_untracked(benchmark::State& state) {
  Tracking tracking;
  for (auto _ : state) {
    benchmark::DoNotOptimize(tracking);
    tracking.count_request(kNow);
    tracking.count_bytes(1, 1, kNow);
    tracking.end(kNow);
  }
}
BENCHMARK(stick_table_untracked);

}  // namespace
}  // namespace reseal::bench
