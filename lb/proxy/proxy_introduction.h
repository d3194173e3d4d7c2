// The PROXY header with which a connection to a server begins: whose it is, and what else the server is to know. Pure.
#pragma once

#include <string_view>

#include "lb/http/message.h"
#include "lb/net/proxy_additions.h"
#include "lb/proxy/forwarding.h"

namespace reseal::proxy {

/// In the request's arena.
std::string_view proxy_header(const net::ProxyForm& form, bool is_tcp, const ClientFacts& client,
                              http::RequestHead& request);

}  // namespace reseal::proxy
