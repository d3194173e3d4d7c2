// Weighted rendezvous hashing: each server scores the key, the highest score wins. When a server comes or
// goes, only the keys it wins or loses move; shares follow the weights. No table to build, O(servers) a pick.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "backends/balancer.h"

namespace reseal::backends {

/// Index into `candidates`, which is not empty.
std::size_t pick_consistent_hash(std::span<const Candidate> candidates, std::uint64_t key);

}  // namespace reseal::backends
