// Whether an address is one of this machine's own. Any thread.
#pragma once

#include "lb/net/address.h"

namespace reseal::net {

/// Asks the kernel by binding a socket to it, which is how HAProxy finds out; a few system calls.
bool is_of_this_machine(const Address& address);

}  // namespace reseal::net
