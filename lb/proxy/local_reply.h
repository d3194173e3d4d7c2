// Responses that reseal gives itself: errors and redirects. Writes through the neutral writer, so it holds
// for every protocol.
#pragma once

#include <string_view>

#include "lb/base/error.h"
#include "lb/http/exchange_ends.h"
#include "lb/http/message.h"

namespace reseal::proxy {

/// Answers `error` per error_policy with a short text: status, cause word, one sentence. `head` is scratch
/// for the response. A field named `cause_header` tells the cause word too, unless
/// that is empty. Returns the status sent, 0 if nobody is there to be told.
int reply_error(const Error& error, http::Method method, http::ResponseHead& head,
                http::ResponseWriter& writer, std::string_view cause_header);

/// 308 to `location` (which must be in the head's arena).
void reply_redirect(std::string_view location, http::Method method, http::ResponseHead& head,
                    http::ResponseWriter& writer);

}  // namespace reseal::proxy
