// What every balancing algorithm chooses among: the servers eligible for one request. Eligibility (up, weight
// above 0, not tried yet, backup or not) is decided by LocalBackend, never in an algorithm.
#pragma once

#include <cstdint>

namespace reseal::backends {

struct Candidate {
  std::uint32_t server = 0;     ///< index in the backend
  std::uint32_t weight = 1;     ///< above 0
  std::uint32_t in_flight = 0;  ///< requests under way, all workers
  std::uint64_t identity = 0;   ///< hash of the server's name: stable when servers are reordered
};

}  // namespace reseal::backends
