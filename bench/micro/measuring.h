// What the microbenchmarks share: allocations beside times, and an end to the run when something does not work, so that
// no figure is given for a path that was never taken.
#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/support/counting_new.h"

namespace reseal::bench {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "microbench: %s\n", what);
  std::abort();
}

/// Counts calls of operator new from here to its end and reports them as `allocations` an iteration. Make it after what
/// the benchmark prepares.
class CountAllocations {
 public:
  explicit CountAllocations(benchmark::State& state) : state_(state), before_(test::allocations()) {}
  ~CountAllocations() {
    // The library makes a few of its own in each run; to two places they do not show.
    const auto made = static_cast<double>(test::allocations() - before_);
    state_.counters["allocations"] = std::round(100 * made / static_cast<double>(state_.iterations())) / 100;
  }
  CountAllocations(const CountAllocations&) = delete;
  CountAllocations& operator=(const CountAllocations&) = delete;

 private:
  benchmark::State& state_;
  std::size_t before_;
};

inline void report_bytes(benchmark::State& state, std::size_t an_iteration) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(an_iteration));
}
inline void report_items(benchmark::State& state, std::size_t an_iteration = 1) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(an_iteration));
}

}  // namespace reseal::bench
