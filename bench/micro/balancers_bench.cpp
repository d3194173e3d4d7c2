// Which server: every algorithm, among few and among many.
#include <string>
#include <vector>

#include "backends/balancer_consistent_hash.h"
#include "backends/balancer_least_connections.h"
#include "backends/balancer_random.h"
#include "backends/balancer_round_robin.h"
#include "backends/hash.h"
#include "bench/micro/measuring.h"

namespace reseal::bench {
namespace {

using namespace reseal::backends;

std::vector<Candidate> servers(std::int64_t count) {
  std::vector<Candidate> all;
  for (std::uint32_t i = 0; i < count; ++i)
    all.push_back({i, 1 + i % 3, i % 7, hash_bytes("web" + std::to_string(i))});
  return all;
}

template <class Pick>
void pick(benchmark::State& state, Pick choose) {
  const std::vector<Candidate> all = servers(state.range(0));
  const CountAllocations counted(state);
  for (auto _ : state) benchmark::DoNotOptimize(choose(all));
  report_items(state);
}

void round_robin(benchmark::State& state) {
  Random random(1);
  SmoothRoundRobin balancer(static_cast<std::size_t>(state.range(0)), random);
  pick(state, [&](const std::vector<Candidate>& all) { return balancer.pick(all); });
}
BENCHMARK(round_robin)->Arg(3)->Arg(1000);

void least_connections(benchmark::State& state) {
  Random random(1);
  pick(state, [&](const std::vector<Candidate>& all) { return pick_least_connections(all, random); });
}
BENCHMARK(least_connections)->Arg(3)->Arg(1000);

void random_of_two(benchmark::State& state) {
  Random random(1);
  pick(state, [&](const std::vector<Candidate>& all) { return pick_random(all, 2, random); });
}
BENCHMARK(random_of_two)->Arg(3)->Arg(1000);

void consistent_hash(benchmark::State& state) {
  std::uint64_t key = 0;
  pick(state, [&](const std::vector<Candidate>& all) { return pick_consistent_hash(all, mix(++key)); });
}
BENCHMARK(consistent_hash)->Arg(3)->Arg(1000);

}  // namespace
}  // namespace reseal::bench
