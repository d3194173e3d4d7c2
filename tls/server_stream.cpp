#include "tls/server_stream.h"

namespace reseal::tls {

ServerStream open_server_stream(net::Loop& loop, const net::Address& address,
                                const std::shared_ptr<const ClientContext>& context, const PeerIdentity* peer,
                                SessionSlot* sessions, std::string_view preface) {
  auto tcp = net::TcpStream::connect(loop, address);
  if (!preface.empty()) tcp->write(preface);
  if (context == nullptr) return {std::move(tcp), nullptr};
  auto secured = TlsStream::connect(std::move(tcp), context, *peer, sessions);
  TlsStream* tls = secured.get();
  return {std::move(secured), tls};
}

}  // namespace reseal::tls
