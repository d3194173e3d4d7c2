// How many files this process may have open, and how many client connections that leaves room for.
#pragma once

#include <cstddef>

namespace reseal::runtime {

/// Raises the soft limit to the hard one (which root may raise too) and returns it.
std::size_t raise_descriptor_limit();

/// Client connections that fit: each may need a server connection of its own, and some descriptors stay for
/// everything else. At least 1.
std::size_t connections_for(std::size_t descriptors, int workers);

}  // namespace reseal::runtime
