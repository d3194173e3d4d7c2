// Both ends of a TLS connection in one thread and without waiting: a TlsStream under test, and a peer that is
// plain OpenSSL over memory, so that it may behave as no stream of ours would. Bytes travel by exchange(), in
// pieces of a given size; the loop runs for as long as there are some to be read.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "lb/net/loop.h"
#include "tests/support/stream_recorder.h"
#include "tests/support/test_pki.h"
#include "tls/tls_stream.h"

namespace reseal::test {

std::array<int, 2> socket_pair();

/// One end in plain OpenSSL over memory.
class RawPeer {
 public:
  struct Settings {
    bool server = true;
    std::string certificate = {};  ///< PEM file with key; empty: none
    std::string client_ca = {};    ///< server: demands a client certificate issued by these
    int version = 0;               ///< TLS1_2_VERSION or TLS1_3_VERSION only; 0: both
    std::string sni = {};          ///< client
    std::string signatures = {};   ///< client: what it can verify, "ECDSA+SHA256"
    std::string alpn = {};         ///< client: one protocol
  };
  explicit RawPeer(const Settings& settings);
  /// A further connection with the same settings; a client tries to resume the session kept last.
  [[nodiscard]] RawPeer again() const;
  void keep_session();

  /// Bytes from the wire.
  void receive(std::string_view bytes);
  /// Bytes for the wire.
  std::string take_output();
  /// Encrypts (handshake complete).
  void write(std::string_view text);
  void send_close_notify();

  [[nodiscard]] bool handshake_done() const;
  [[nodiscard]] bool resumed() const;
  [[nodiscard]] bool got_close_notify() const;
  /// "CN" of the other end's certificate, empty if it sent none.
  [[nodiscard]] std::string peer_name() const;
  /// How many certificates came behind that one.
  [[nodiscard]] int issuers_received() const;
  [[nodiscard]] std::string alpn() const;
  ssl_st& ssl() const { return *ssl_; }

  std::string plaintext;  ///< application data received
  bool failed = false;

 private:
  struct Shared;  // SSL_CTX and the session kept
  RawPeer(std::shared_ptr<Shared> shared, bool server);
  void advance();

  std::shared_ptr<Shared> shared_;
  tls::SslPtr ssl_;
  bool server_;
};

/// The end under test over a socket pair, whose other half the test reads and writes.
struct StreamUnderTest {
  using Make = std::function<std::unique_ptr<tls::TlsStream>(std::unique_ptr<net::TcpStream>)>;
  explicit StreamUnderTest(const Make& make);
  ~StreamUnderTest();
  StreamUnderTest(const StreamUnderTest&) = delete;
  StreamUnderTest& operator=(const StreamUnderTest&) = delete;

  /// Runs `action` as one turn of the loop.
  void turn(const std::function<void()>& action);
  /// Sends `bytes` to the stream in pieces, one a turn.
  void feed(std::string_view bytes, std::size_t piece);
  /// What the stream has sent.
  std::string take_output();
  /// The peer's FIN.
  void feed_end();

  net::Loop loop;
  Recorder events;
  int far_end = -1;
  std::unique_ptr<tls::TlsStream> stream;

 private:
  void let_it_read();
};

constexpr std::size_t kWhole = static_cast<std::size_t>(-1);

/// Carries bytes to and fro until there are none, those for the stream in pieces of `piece`.
void exchange(StreamUnderTest& under_test, RawPeer& peer, std::size_t piece = kWhole);

}  // namespace reseal::test
