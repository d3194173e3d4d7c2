#include "backends/balancer_round_robin.h"

namespace reseal::backends {

SmoothRoundRobin::SmoothRoundRobin(std::size_t servers, Random& random) : current_(servers, 0) {
  // A lead of less than one turn at the lightest weight: decides who comes first, not how much anybody gets.
  if (servers != 0) current_[random.below(servers)] = 1;
}

std::size_t SmoothRoundRobin::pick(std::span<const Candidate> candidates) {
  // Everybody earns its weight, the richest is chosen and pays what all have earned together.
  std::int64_t total = 0;
  std::size_t best = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    std::int64_t& credit = current_[candidates[i].server];
    credit += candidates[i].weight;
    total += candidates[i].weight;
    if (credit > current_[candidates[best].server]) best = i;
  }
  current_[candidates[best].server] -= total;
  return best;
}

}  // namespace reseal::backends
