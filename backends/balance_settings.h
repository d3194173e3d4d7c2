// How a backend's servers are chosen: what one generation says of it. Plain values.
#pragma once

#include <cstdint>
#include <string>

#include "backends/haproxy_hash.h"

namespace reseal::backends {

enum class BalanceMethod : std::uint8_t {
  kRoundRobin,
  kLeastConnections,
  kRandomOfTwo,
  kFirst,
  kHashSource,
  kHashHeader,
  kHashUri,
  kHashParameter,
  kHashExpression
};

enum class HashPlacement : std::uint8_t { kRendezvous, kMap, kRing };

struct HashSettings {
  std::string header;     ///< lower case, with kHashHeader
  std::string parameter;  ///< with kHashParameter
  bool domain_only = false;
  std::uint32_t uri_length = 0, uri_depth = 0;  ///< 0: all of it
  bool uri_query = false, uri_path_only = false;
  HashPlacement placement = HashPlacement::kRendezvous;
  HashFunction function = HashFunction::kSdbm;
  bool avalanche = false;
  std::uint32_t most_load = 0;  ///< percent, with kRing; 0: any
};

}  // namespace reseal::backends
