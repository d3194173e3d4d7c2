// The two values of a WebSocket's handshake over HTTP/1.1 (RFC 6455 4), with OpenSSL's SHA-1 and base64. They prove nothing
// but that both sides mean a WebSocket. Any thread. Each ends the process when OpenSSL has no random numbers or no SHA-1.
#pragma once

#include <string>
#include <string_view>

namespace reseal::tls {

/// A fresh Sec-WebSocket-Key: base64 of 16 random bytes.
std::string new_websocket_key();

/// The Sec-WebSocket-Accept that answers a key (RFC 6455 4.2.2): base64(SHA-1(key and a fixed text)).
std::string websocket_accept(std::string_view key);

}  // namespace reseal::tls
