#include "backends/balancer_least_connections.h"

namespace reseal::backends {

std::size_t pick_least_connections(std::span<const Candidate> candidates, Random& random) {
  std::size_t best = 0;
  std::uint64_t tied_weight = candidates[0].weight;
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    if (less_loaded(candidates[i], candidates[best])) {
      best = i;
      tied_weight = candidates[i].weight;
    } else if (!less_loaded(candidates[best], candidates[i])) {
      // Reservoir sampling by weight: each of the equals is kept with its share.
      tied_weight += candidates[i].weight;
      if (random.below(tied_weight) < candidates[i].weight) best = i;
    }
  }
  return best;
}

}  // namespace reseal::backends
