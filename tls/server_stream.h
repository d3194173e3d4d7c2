// The stream to a server, as traffic and checks alike open it: TCP, or TLS over it with the server verified.
#pragma once

#include <memory>
#include <string_view>

#include "tls/tls_stream.h"

namespace reseal::tls {

struct ServerStream {
  std::unique_ptr<net::ByteStream> stream;
  TlsStream* tls = nullptr;  ///< `stream` seen as TLS; null: plaintext
};

/// How a server is reached. `peer` and `sessions` are borrowed and outlive the stream, the rest only the call.
struct ServerTarget {
  const net::Address& address;
  std::string_view socket{};  ///< a unix socket in its place (net::TcpStream); empty: none
  const std::shared_ptr<const ClientContext>& tls;  ///< null: plaintext
  const PeerIdentity* peer = nullptr;               ///< with tls
  SessionSlot* sessions = nullptr;                  ///< with tls: offers and keeps a session; may be null
  AlpnOffer alpn = AlpnOffer::kHttp1;               ///< with tls
  std::string_view preface{};                       ///< goes out first, before any TLS
  net::Address source{};                            ///< where it comes from; empty: the system chooses
};

/// Begins to connect.
ServerStream open_server_stream(net::Loop& loop, const ServerTarget& target);

}  // namespace reseal::tls
