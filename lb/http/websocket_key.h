// The handshake of WebSocket over HTTP/1.1 (RFC 6455 4), which HTTP/2 does without (RFC 8441 5): what is missing when a
// WebSocket goes from one to the other. It proves nothing but that both sides mean a WebSocket. Pure but for the random
// numbers of a new key; any thread.
#pragma once

#include <string>
#include <string_view>

#include "lb/http/message.h"

namespace reseal::http {

/// To a request for a WebSocket that came in HTTP/2: a fresh Sec-WebSocket-Key in place of any there is. Does nothing to
/// other requests.
void add_websocket_key(RequestHead& head);

/// The Sec-WebSocket-Accept that answers a key (RFC 6455 4.2.2): base64(SHA-1(key and a fixed text)).
std::string websocket_accept(std::string_view key);

}  // namespace reseal::http
