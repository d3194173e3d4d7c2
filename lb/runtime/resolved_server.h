// A server whose name is resolved anew while reseal serves: what a generation says of it. Plain values.
#pragma once

#include <memory>
#include <string>

#include "backends/server_state.h"
#include "lb/net/cidr.h"

namespace reseal::runtime {

struct ResolvedServer {
  std::shared_ptr<backends::ServerState> state;
  std::string resolvers;    ///< the name of whom to ask
  std::string host;         ///< the name to ask for
  std::uint16_t port = 0;   ///< where no record tells another
  bool is_service = false;  ///< the name is a service's, whose records tell names, ports and weights
  int family = AF_INET6;    ///< preferred
  net::CidrSet networks;    ///< preferred
  bool shares = false;      ///< may have the address of another server
  bool keeps_weight = false;
};

}  // namespace reseal::runtime
