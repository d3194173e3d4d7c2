#include "backends/server_session.h"

#include "lb/http/h1_client.h"
#include "lb/http/h2_client.h"
#include "tls/tls_stream.h"

namespace reseal::backends {

std::unique_ptr<http::ClientSession> make_session(ServerProtocol protocol, const tls::TlsStream* tls,
                                                  net::Loop& loop, ByteSink& sink,
                                                  http::ClientSessionEvents& owner) {
  const bool http2 = tls != nullptr ? tls->alpn() == "h2" : protocol == ServerProtocol::kH2;
  if (http2) {
    const char* scheme = tls != nullptr ? "https" : "http";
    return std::make_unique<http::H2Client>(sink, owner, loop.buffers(), scheme, loop.clock());
  }
  if (protocol == ServerProtocol::kH2) return nullptr;
  return std::make_unique<http::H1Client>(sink, owner);
}

}  // namespace reseal::backends
