// Two servers drawn at random by weight, the less busy of them wins: nearly as even as least connections,
// without the herd that forms when many workers all see the same least busy server. Pure.
#pragma once

#include <cstddef>
#include <span>

#include "backends/balancer.h"
#include "lb/base/random.h"

namespace reseal::backends {

/// Index into `candidates`, which is not empty.
std::size_t pick_random_of_two(std::span<const Candidate> candidates, Random& random);

}  // namespace reseal::backends
