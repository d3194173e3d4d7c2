#include "tls/server_stream.h"

namespace reseal::tls {

ServerStream open_server_stream(net::Loop& loop, const ServerTarget& target) {
  auto tcp = target.socket.empty() ? net::TcpStream::connect(loop, target.address, target.source)
                                   : net::TcpStream::connect_unix(loop, std::string(target.socket));
  if (!target.preface.empty()) tcp->write(target.preface);
  if (target.tls == nullptr) return {std::move(tcp), nullptr};
  auto secured = TlsStream::connect(std::move(tcp), target.tls, *target.peer, target.sessions, target.alpn);
  TlsStream* tls = secured.get();
  return {std::move(secured), tls};
}

}  // namespace reseal::tls
