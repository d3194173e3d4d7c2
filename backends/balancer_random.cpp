#include "backends/balancer_random.h"

#include "backends/balancer_least_connections.h"

namespace reseal::backends {
namespace {

constexpr std::size_t kNobody = static_cast<std::size_t>(-1);

std::size_t draw(std::span<const Candidate> candidates, std::size_t except, Random& random) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i != except) total += candidates[i].weight;
  }
  std::uint64_t ticket = random.below(total);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (i == except) continue;
    if (ticket < candidates[i].weight) return i;
    ticket -= candidates[i].weight;
  }
  return except == 0 ? 1 : 0;  // not reached: the ticket is below the total
}

}  // namespace

std::size_t pick_random(std::span<const Candidate> candidates, std::uint32_t draws, Random& random) {
  if (candidates.size() == 1) return 0;
  std::size_t best = draw(candidates, kNobody, random);
  for (std::uint32_t i = 1; i < draws; ++i) {
    const std::size_t other = draw(candidates, best, random);
    if (less_loaded(candidates[other], candidates[best])) best = other;
  }
  return best;
}

}  // namespace reseal::backends
