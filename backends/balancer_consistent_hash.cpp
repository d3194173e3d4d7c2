#include "backends/balancer_consistent_hash.h"

#include <cmath>

#include "backends/hash.h"

namespace reseal::backends {

std::size_t pick_consistent_hash(std::span<const Candidate> candidates, std::uint64_t key) {
  std::size_t best = 0;
  double best_score = -1;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    // A uniform number in (0, 1) from key and server; -weight / ln(u) makes the chance of the highest score
    // proportional to the weight (Schindelhauer and Schomaker's logarithmic method).
    const std::uint64_t bits = mix(key ^ mix(candidates[i].identity));
    // 52 bits and a half are exact in a double, so the number is never 0 or 1.
    const double uniform = (static_cast<double>(bits >> 12) + 0.5) * 0x1.0p-52;
    const double score = static_cast<double>(candidates[i].weight) / -std::log(uniform);
    if (score > best_score) {
      best_score = score;
      best = i;
    }
  }
  return best;
}

}  // namespace reseal::backends
