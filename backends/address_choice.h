// Which server of a group gets which of the addresses that their name has. Pure.
#pragma once

#include <optional>
#include <vector>

#include "lb/net/address.h"
#include "lb/net/cidr.h"

namespace reseal::backends {

/// What one server of the group has and would like.
struct AddressWish {
  std::optional<net::Address> current;  ///< none: it has no address yet, or none any more
  int family = AF_INET6;                ///< the preferred one
  net::CidrSet networks;                ///< the preferred ones
  bool shares = false;                  ///< takes one that another server has
};

/// For each of `wishes` the number of its address in `found`, or nothing where none is left for it. As HAProxy chooses: first
/// the family counts, then the network, then that it is the one the server has; servers do not share addresses unless they
/// may.
std::vector<std::optional<std::size_t>> choose_addresses(const std::vector<AddressWish>& wishes,
                                                         const std::vector<net::Address>& found);

}  // namespace reseal::backends
