#include "bench/totals.h"

#include <algorithm>
#include <cstdio>

namespace reseal::bench {

Totals sum(const std::vector<Totals>& parts) {
  Totals all;
  for (const Totals& part : parts) {
    all.sent += part.sent;
    all.ok += part.ok;
    all.full += part.full;
    all.resumed += part.resumed;
    all.latencies.insert(all.latencies.end(), part.latencies.begin(), part.latencies.end());
    for (const auto& [what, count] : part.failures) all.failures[what] += count;
  }
  std::ranges::sort(all.latencies);
  return all;
}

void print(const Totals& totals, double seconds) {
  const auto quantile = [&](double share) -> unsigned {
    if (totals.latencies.empty()) return 0;
    const auto last = static_cast<double>(totals.latencies.size() - 1);
    return totals.latencies[static_cast<std::size_t>(share * last)];
  };
  std::printf("requests %ld failures %ld seconds %.2f full %ld resumed %ld p50_us %u p99_us %u max_us %u",
              totals.sent, totals.sent - totals.ok, seconds, totals.full, totals.resumed, quantile(0.5),
              quantile(0.99), quantile(1));
  for (const auto& [what, count] : totals.failures) std::printf("; %s: %ld", what.c_str(), count);
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace reseal::bench
