// Name servers that servers' names are asked of while reseal serves. Plain values.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lb/base/clock.h"
#include "lb/config/place.h"

namespace reseal::config {

struct NameServer {
  std::string name;     ///< for messages
  std::string address;  ///< numeric, with its port
  bool operator==(const NameServer&) const = default;
};

/// For how long what was known last goes on to hold.
struct ResolverHold {
  Duration obsolete{0};  ///< an address that an answer does not name any more
  // after an answer of this kind
  Duration no_name{30000};
  Duration timeout{30000};
  Duration refused{30000};
  Duration other{30000};
  bool operator==(const ResolverHold&) const = default;
};

struct Resolvers {
  std::string name;
  std::vector<NameServer> servers;  ///< empty: those of the machine (/etc/resolv.conf)
  int tries = 3;
  Duration interval{1000};  ///< between two questions for a name
  Duration timeout{1000};   ///< for the answer to one
  int payload = 512;        ///< the most bytes of an answer over UDP
  ResolverHold hold;
  Place place;
  bool operator==(const Resolvers&) const = default;
};

}  // namespace reseal::config
