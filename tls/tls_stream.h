// A ByteStream that speaks TLS over a TcpStream. OpenSSL reads and writes through a BIO_METHOD of our own: it reads from
// the socket straight into its own buffer, and puts records into the TCP stream's output queue. A turn's plaintext is
// gathered in output() and encrypted in flush(); bulk is encrypted as it comes (take_bulk). One SSL_write a record (record_size.h), one
// write a turn.
//
//   kHandshaking ──► kOpen ──► (ended either way) ──► kClosed        any ──failure──► kFailed ──► kClosed
//
// Not one byte written to the stream is encrypted, let alone sent, before the handshake is complete and
// (client) the peer's certificate verified. Owner: a connection. Single thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "lb/net/byte_stream.h"
#include "lb/net/loop.h"
#include "lb/net/tcp_stream.h"
#include "tls/client_context.h"
#include "tls/connection_facts.h"
#include "tls/openssl_ptr.h"
#include "tls/record_size.h"
#include "tls/server_context.h"

struct x509_store_ctx_st;

namespace reseal::tls {

class TlsStream final : public net::ByteStream,
                        public net::StreamEvents,
                        public net::SocketReader,
                        public net::Flushable {
 public:
  /// Client side of an exchange: we are the TLS server. The handshake starts when bytes arrive; `first` are some that
  /// were read from `tcp` already.
  static std::unique_ptr<TlsStream> accept(std::unique_ptr<net::TcpStream> tcp,
                                           std::shared_ptr<const ServerContext> context,
                                           std::string first = {});
  /// Server side: we are the TLS client. The handshake starts when `tcp` opens (or at once if it is open).
  /// `peer` and `sessions` are borrowed and outlive the stream; `sessions` (may be null) offers and keeps a
  /// session.
  static std::unique_ptr<TlsStream> connect(std::unique_ptr<net::TcpStream> tcp,
                                            std::shared_ptr<const ClientContext> context,
                                            const PeerIdentity& peer, SessionSlot* sessions,
                                            AlpnOffer offer = AlpnOffer::kHttp1);
  ~TlsStream() override;

  void pause_reading() override;
  void resume_reading() override;
  void watch_peer(bool wanted) override;
  void end() override;
  void close() override;
  void abort() override;
  [[nodiscard]] bool is_closed() const override;
  [[nodiscard]] std::size_t unsent() const override;
  [[nodiscard]] std::uint64_t delivered() const override { return tcp_->delivered(); }
  [[nodiscard]] std::uint64_t undelivered() const override { return tcp_->undelivered(); }
  [[nodiscard]] const net::Address& peer() const override;
  [[nodiscard]] const net::Address& local() const override;

  /// No further session is offered or kept: what connect() was given may go.
  void forget_sessions() { sessions_ = nullptr; }

  [[nodiscard]] bool is_open() const;                           ///< handshake complete
  [[nodiscard]] bool is_tcp_open() const { return tcp_open_; }  ///< connected
  [[nodiscard]] bool resumed() const;                           ///< the session was resumed
  [[nodiscard]] std::string_view alpn() const;                  ///< negotiated protocol, empty if none
  [[nodiscard]] std::string_view server_name() const;           ///< SNI, empty if none
  [[nodiscard]] std::string_view version() const;               ///< "TLSv1.3"
  [[nodiscard]] std::string_view cipher() const;                ///< "TLS_AES_256_GCM_SHA384"
  [[nodiscard]] int key_bits() const;                           ///< of the cipher
  /// All that rules may ask of it; once it is open. Allocates.
  [[nodiscard]] ConnectionFacts facts() const;
  [[nodiscard]] TimePoint tcp_opened() const { return tcp_opened_; }  ///< client side of TLS: handshake began
  /// After on_failure: what went wrong, for the log: which certificate (subject, issuer, validity), what was
  /// expected, what OpenSSL said, what to do. Allocates; call it once.
  [[nodiscard]] std::string failure_text() const;

  // OpenSSL's callbacks for client contexts; they find the stream in the SSL.
  static int on_verify(int ok, x509_store_ctx_st* store);
  static int on_new_session(ssl_st* ssl, ssl_session_st* session);

 private:
  /// The stream whose BIO this SSL has.
  static TlsStream& of(const ssl_st& ssl);
  enum class State : std::uint8_t { kHandshaking, kOpen, kFailed, kClosed };
  struct Bio;  // the BIO_METHOD and its functions
  struct Failure {
    Error error{};
    std::string certificate{};  // the one that failed verification, in words
  };

  TlsStream(std::unique_ptr<net::TcpStream> tcp, SslPtr ssl, bool is_client);
  void schedule_flush() override { loop_.schedule_flush(*this); }
  std::size_t take_bulk(std::string_view bytes) override;
  void flush() override;

  // From the TCP stream.
  void on_open() override;
  void on_data(std::string_view) override {}  // OpenSSL takes the bytes itself, until the peer's close_notify
  void take() override;
  void on_end() override;
  void on_drained() override;
  void on_failure(const Error& error) override;
  void on_peer_ended_early() override;

  std::size_t take_first(std::span<char> room);
  void handshake();
  void read_records();
  Failure& note_failure();
  void fail(const Error& error);
  void fail_from_openssl(const char* detail);
  [[nodiscard]] bool lacks_certificate(unsigned long entry) const;
  void encrypt_output();
  /// One record; how much of the text it holds, 0 if OpenSSL fails.
  [[nodiscard]] std::size_t encrypt(std::string_view plaintext);

  net::Loop& loop_;
  std::unique_ptr<net::TcpStream> tcp_;
  SslPtr ssl_;
  std::shared_ptr<const ServerContext> server_context_;
  std::shared_ptr<const ClientContext> client_context_;
  const PeerIdentity* peer_identity_ = nullptr;
  SessionSlot* sessions_ = nullptr;
  std::unique_ptr<Failure> failure_;  // made when something goes wrong
  std::string first_;  // bytes received before this stream was made; the first that OpenSSL gets
  TimePoint tcp_opened_{};
  RecordSize record_size_;
  State state_ = State::kHandshaking;
  bool is_client_ = false;
  bool tcp_open_ = false;
  bool ticket_due_ = false;  // we are the server and issue tickets; taken back with the first data
  bool paused_ = false;
  bool end_wanted_ = false;
  bool end_sent_ = false;
  bool peer_ended_ = false;  // close_notify received
  bool was_backed_up_ = false;
};

}  // namespace reseal::tls
