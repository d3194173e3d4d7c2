// Whether a failed attempt may be repeated, on another server first. One table; pure. What a backend's configuration
// says is in backends/retry_settings; whether there is budget for it, in backends/retry_budget.
#pragma once

#include <optional>

#include "backends/retry_settings.h"
#include "lb/base/error.h"

namespace reseal::proxy {

/// What is known of an attempt when it fails.
struct Attempt {
  bool request_sent = false;      ///< bytes of the request may have reached the server
  bool idempotent = false;        ///< RFC 9110 9.2.2
  bool body_replayable = true;    ///< every body byte taken from the client can be sent again
  bool response_started = false;  ///< the client has seen something of a response
  bool another_server = true;     ///< an eligible one that was not tried yet
  int attempts = 1;               ///< this one included
};

/// Conditions of `retry.on` other than statuses.
enum class RetryCondition : std::uint8_t { kConnectFailure, kEmptyResponse, kResponseTimeout, kBadResponse };

/// Which condition a failure is; none for what another attempt would not change.
std::optional<RetryCondition> retry_condition(Code code, bool request_sent);

/// A request that never left, or that the server says it has not processed, may always be repeated. One that may have reached a server is repeated only if
/// it is idempotent, or the configuration says that this does not matter, and nothing of a response has been passed on
/// (RFC 9110 9.2.2, RFC 9112 9.3.1): never a POST twice unasked. A response that did not come in time is asked for at
/// another server only: the same one would hardly be faster.
bool may_retry(const backends::RetrySettings& settings, Code code, const Attempt& attempt);

/// The same for a response with a status that `retry.on` lists, of which nothing has been passed on.
bool may_retry_status(const backends::RetrySettings& settings, int status, const Attempt& attempt);

/// Whether the attempt that follows as many as these goes to another server. `takes_turns`: another one is as good, and
/// there is one, and it is not this one that the client belongs to.
bool goes_elsewhere(const backends::RetrySettings& settings, int attempts, bool takes_turns);

}  // namespace reseal::proxy
