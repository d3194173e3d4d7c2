// What a load run counts: requests, failures by kind, handshakes, latencies. A plain value; one a thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace reseal::bench {

struct Totals {
  long sent = 0;
  long ok = 0;
  long full = 0;                         ///< handshakes
  long resumed = 0;                      ///< handshakes
  std::vector<std::uint32_t> latencies;  ///< microseconds
  std::map<std::string, long> failures;
};

/// All of them as one, the latencies sorted.
Totals sum(const std::vector<Totals>& parts);

/// One line on standard output, for bench/load.py to read; the latencies must be sorted.
void print(const Totals& totals, double seconds);

}  // namespace reseal::bench
