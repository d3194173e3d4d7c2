// Fields that tell a server an address of the client's connection: what one generation says of them. Immutable.
#pragma once

#include <string>

#include "lb/net/cidr.h"

namespace reseal::backends {

struct AddressField {
  std::string name;  ///< empty: none
  net::CidrSet except;
  bool if_none = false;
};

struct AddressFields {
  AddressField source;
  AddressField destination;
  [[nodiscard]] bool are_set() const { return !source.name.empty() || !destination.name.empty(); }
};

}  // namespace reseal::backends
