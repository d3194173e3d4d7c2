// Smooth weighted round robin: shares are exact over one round of weights, and a heavy server's turns are
// spread out instead of coming in a burst. State per worker. Single thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "backends/balancer.h"
#include "lb/base/random.h"

namespace reseal::backends {

class SmoothRoundRobin {
 public:
  /// `servers` in the backend; `random` sets the starting point, so that workers do not march in step.
  SmoothRoundRobin(std::size_t servers, Random& random);

  /// Index into `candidates`, which is not empty.
  std::size_t pick(std::span<const Candidate> candidates);

 private:
  std::vector<std::int64_t> current_;  // by server
};

}  // namespace reseal::backends
