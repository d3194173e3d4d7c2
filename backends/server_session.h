// Which protocol end stands on a connection to a server: what the server's settings say, or what its TLS handshake
// agreed on. Used by traffic and by checks alike. Pure.
#pragma once

#include <memory>
#include <string_view>

#include "backends/server.h"
#include "lb/base/byte_sink.h"
#include "lb/http/client_session.h"
#include "lb/net/loop.h"

namespace reseal::tls {
class TlsStream;
}

namespace reseal::backends {

/// The session for an open connection; null: the server did not agree to what must be spoken. `tls` null: plaintext.
/// `sink` and `owner` are borrowed and outlive the session.
std::unique_ptr<http::ClientSession> make_session(ServerProtocol protocol, const tls::TlsStream* tls,
                                                  net::Loop& loop, ByteSink& sink,
                                                  http::ClientSessionEvents& owner);

}  // namespace reseal::backends
