// balance: of a backend: how one of its servers is chosen. Plain values.
#pragma once

#include <cstdint>
#include <string>

namespace reseal::config {

enum class BalanceKind : std::uint8_t {
  kRoundRobin,
  kLeastConnections,
  kRandomOfTwo,
  kFirst,  ///< the one with the lowest id that has room
  kHashSource,
  kHashHeader,
  kHashUri,
  kHashParameter,
  kHashExpression,  ///< of the rules in HAProxy's language
};

/// From a hash to a server.
enum class HashPlacement : std::uint8_t {
  kRendezvous,  ///< reseal's own; the others are HAProxy's, the same server for the same request
  kMap,
  kRing,
};
enum class HashFunction : std::uint8_t { kSdbm, kDjb2, kWt6, kCrc32 };

struct Balance {
  BalanceKind kind = BalanceKind::kRoundRobin;
  std::string header;          ///< with kHashHeader, lower case
  std::string parameter{};     ///< with kHashParameter: of the query
  int draws = 2;               ///< with kRandomOfTwo: among so many the least busy is taken
  bool domain_only = false;    ///< with kHashHeader: of "www.example.org" only "example"
  int uri_length = 0;          ///< with kHashUri: so many bytes of it; 0: all
  int uri_depth = 0;           ///< the same in slashes after the first; 0: all
  bool uri_query = false;      ///< the query too
  bool uri_path_only = false;  ///< without scheme and host, which HTTP/2 has
  HashPlacement placement = HashPlacement::kRendezvous;
  HashFunction function = HashFunction::kSdbm;
  bool avalanche = false;  ///< the hash is mixed once more
  int most_load = 0;       ///< with kRing: percent of its share that a server takes at most; 0: any
  bool operator==(const Balance&) const = default;
};

}  // namespace reseal::config
