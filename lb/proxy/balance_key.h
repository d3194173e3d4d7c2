// What of a request a backend's hash method goes by. Pure, apart from the head's arena.
#pragma once

#include <cstdint>
#include <optional>

#include "backends/balance_settings.h"
#include "lb/http/message.h"
#include "lb/proxy/forwarding.h"

namespace reseal::proxy {

/// `evaluated`: what kHashExpression goes by. Nothing: the request has not what is hashed, or nothing is; it is for anybody in turn.
std::optional<std::uint64_t> balance_key(backends::BalanceMethod method, const backends::HashSettings& hash,
                                         const ClientFacts& client, http::RequestHead& head,
                                         std::optional<std::string_view> evaluated = {});

}  // namespace reseal::proxy
