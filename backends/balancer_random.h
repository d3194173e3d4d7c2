// Servers drawn at random by weight, usually two, the least busy of them wins: nearly as even as least connections,
// without the herd that forms when many workers all see the same least busy server. Pure.
#pragma once

#include <cstddef>
#include <span>

#include "backends/balancer.h"
#include "lb/base/random.h"

namespace reseal::backends {

/// Index into `candidates`, which is not empty.
std::size_t pick_random(std::span<const Candidate> candidates, std::uint32_t draws, Random& random);

}  // namespace reseal::backends
