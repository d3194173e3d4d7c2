// The words of a configuration in the terms of the rooms that act on them: one function an enumeration. Pure.
#pragma once

#include <optional>

#include "backends/backend.h"
#include "lb/config/model.h"
#include "lb/http/sanitize.h"
#include "lb/proxy/request_id.h"
#include "tls/tls_problem.h"

namespace reseal::runtime {

tls::TlsVersion to_tls(config::TlsVersion version);
backends::BalanceMethod to_method(config::BalanceKind kind);
backends::ServerProtocol to_protocol(config::Protocol protocol);
/// None when no PROXY header is sent.
std::optional<net::ProxyVersion> to_proxy_version(config::SendProxy send);
http::UnderscoreFields to_underscores(config::UnderscoreFields fields);
proxy::RequestIdSettings to_request_id(const config::RequestId& settings);

}  // namespace reseal::runtime
