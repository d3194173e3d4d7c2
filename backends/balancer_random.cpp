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

std::size_t pick_random_of_two(std::span<const Candidate> candidates, Random& random) {
  if (candidates.size() == 1) return 0;
  const std::size_t first = draw(candidates, kNobody, random);
  const std::size_t second = draw(candidates, first, random);
  return less_loaded(candidates[second], candidates[first]) ? second : first;
}

}  // namespace reseal::backends
