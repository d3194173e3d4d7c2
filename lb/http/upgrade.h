// Switching protocols in HTTP/1.1 (RFC 9110 7.8, 9.3.6): which requests ask for a tunnel, and which responses open
// one. Nothing that comes after a head is a tunnel's unless this file says so. Pure; any thread.
#pragma once

#include "lb/base/error.h"
#include "lb/http/message.h"

namespace reseal::http {

/// The request's framing is decided; if it asks to switch protocols, its framing becomes kTunnel and head.upgrade the
/// protocol. An Upgrade that cannot be honoured is not one (RFC 9110 7.8 lets a server ignore it): several protocols,
/// with a body, HTTP/1.0, not named in Connection, and HTTP or TLS itself, since what a server would take as another
/// request must not pass as opaque bytes. CONNECT with a body: kAmbiguousRequest.
Result<void> decide_tunnel_request(RequestHead& head);

/// The response to a request that asked for a tunnel (`upgrade` empty: CONNECT): sets framing kTunnel and head.upgrade
/// if it opens one. kBadResponse: a 101 that does not name the protocol asked for.
Result<void> decide_tunnel_response(std::string_view upgrade, ResponseHead& head);

/// One token, or "name/version", that is neither HTTP nor TLS under any of their names.
bool is_tunnel_protocol(std::string_view protocol);

}  // namespace reseal::http
