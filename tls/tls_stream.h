// A ByteStream that speaks TLS over a TcpStream. OpenSSL reads and writes through a BIO_METHOD of our own: it takes
// received bytes from the loop's receive buffer in place and puts records straight into the TCP stream's output queue.
// A turn's plaintext is gathered in output() and encrypted in flush(): one SSL_write per 16 KiB, one write a turn.
//
//   kHandshaking ──► kOpen ──► (ended either way) ──► kClosed        any ──failure──► kFailed ──► kClosed
//
// Not one byte written to the stream is encrypted, let alone sent, before the handshake is complete and (client) the
// peer's certificate verified. Owner: a connection. Single thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "lb/net/byte_stream.h"
#include "lb/net/loop.h"
#include "lb/net/tcp_stream.h"
#include "tls/client_context.h"
#include "tls/openssl_ptr.h"
#include "tls/server_context.h"

namespace reseal::tls {

class TlsStream final : public net::ByteStream, public net::StreamEvents, public net::Flushable {
 public:
  /// Client side of an exchange: we are the TLS server. The handshake starts when bytes arrive.
  static std::unique_ptr<TlsStream> accept(std::unique_ptr<net::TcpStream> tcp,
                                           std::shared_ptr<const ServerContext> context);
  /// Server side: we are the TLS client. The handshake starts when `tcp` opens (or at once if it is open).
  /// `peer` and `sessions` are borrowed and outlive the stream; `sessions` (may be null) offers and keeps a session.
  static std::unique_ptr<TlsStream> connect(std::unique_ptr<net::TcpStream> tcp,
                                            std::shared_ptr<const ClientContext> context, const PeerIdentity& peer,
                                            SessionSlot* sessions);
  ~TlsStream() override;

  void pause_reading() override;
  void resume_reading() override;
  void end() override;
  void close() override;
  [[nodiscard]] bool is_closed() const override;
  [[nodiscard]] std::size_t unsent() const override;
  [[nodiscard]] const net::Address& peer() const override;
  [[nodiscard]] const net::Address& local() const override;

  [[nodiscard]] bool is_open() const;              ///< handshake complete
  [[nodiscard]] bool resumed() const;              ///< the session was resumed
  [[nodiscard]] std::string_view alpn() const;     ///< negotiated protocol, empty if none
  [[nodiscard]] std::string_view server_name() const;  ///< SNI, empty if none
  [[nodiscard]] std::string_view version() const;  ///< "TLSv1.3"
  /// After on_failure: what went wrong, for the log: which certificate (subject, issuer, validity), what was expected,
  /// what OpenSSL said, what to do. Allocates; call it once.
  [[nodiscard]] std::string failure_text() const;
  // private part: by the implementer
};

}  // namespace reseal::tls
