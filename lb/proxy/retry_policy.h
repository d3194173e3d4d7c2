// Whether a failed attempt may be repeated, on another server first. One table; pure.
#pragma once

#include "lb/base/error.h"

namespace reseal::proxy {

/// What is known of an attempt when it fails.
struct Attempt {
  bool request_sent = false;      ///< bytes of the request may have reached the server
  bool idempotent = false;        ///< RFC 9110 9.2.2
  bool body_replayable = true;    ///< every body byte taken from the client can be sent again
  bool response_started = false;  ///< the client has seen something of a response
  int attempts_left = 0;
};

/// A request that never left, or that the server says it has not processed, may always be repeated. One that may have reached a server is repeated only if
/// it is idempotent and nothing of a response has come (RFC 9112 9.3.1): never a POST twice. A response that
/// came too late or is malformed is not asked for again.
bool may_retry(Code code, const Attempt& attempt);

}  // namespace reseal::proxy
