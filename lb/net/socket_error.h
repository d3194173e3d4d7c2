// What a socket's errno means: whether it speaks against the other end, or is a shortage of our own.
#pragma once

#include "lb/base/error.h"

namespace reseal::net {

/// `number` is an errno; `connecting`: the connection was not made yet. The detail is a literal.
Error socket_error(int number, bool connecting);

}  // namespace reseal::net
