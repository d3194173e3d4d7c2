// The stream to a server, as traffic and checks alike open it: TCP, or TLS over it with the server verified.
#pragma once

#include <memory>

#include "tls/tls_stream.h"

namespace reseal::tls {

struct ServerStream {
  std::unique_ptr<net::ByteStream> stream;
  TlsStream* tls = nullptr;  ///< `stream` seen as TLS; null: plaintext
};

/// Begins to connect; `preface` goes out first, before any TLS. `context` null: plaintext, and neither `peer` nor `sessions` matters; otherwise both are as in
/// TlsStream::connect.
ServerStream open_server_stream(net::Loop& loop, const net::Address& address,
                                const std::shared_ptr<const ClientContext>& context, const PeerIdentity* peer,
                                SessionSlot* sessions, std::string_view preface = {});

}  // namespace reseal::tls
