// The server with the fewest requests under way for its weight. Pure.
#pragma once

#include <cstddef>
#include <span>

#include "backends/balancer.h"
#include "lb/base/random.h"

namespace reseal::backends {

/// Whether `a` is less busy than `b` for its weight.
constexpr bool less_loaded(const Candidate& a, const Candidate& b) {
  return std::uint64_t{a.in_flight} * b.weight < std::uint64_t{b.in_flight} * a.weight;
}

/// Index into `candidates`, which is not empty. Equals are chosen from by weight, at random, so that idle
/// servers share.
std::size_t pick_least_connections(std::span<const Candidate> candidates, Random& random);

}  // namespace reseal::backends
