// An HTTPS server on a thread of its own, for tests of checks over TLS: made on the spot with its own CA,
// counts what it sees. Speaks TLS 1.3 with session tickets.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <string>
#include <thread>

#include "lb/net/address.h"

namespace reseal::test {

class TlsServer {
 public:
  struct Options {
    std::string name = "web.internal";  ///< the DNS name in its certificate
    bool asks_for_certificate = false;  ///< and refuses clients without one
  };
  explicit TlsServer(const Options& options);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] const net::Address& address() const { return address_; }
  /// PEM file of the CA that signed its certificate; removed with the server.
  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }

  std::atomic<int> handshakes = 0;  ///< completed, resumed ones too
  std::atomic<int> resumed = 0;
  std::atomic<int> bytes = 0;  ///< of application data received

 private:
  void serve();
  void serve_one(int fd);

  SSL_CTX* context_;
  int listener_ = -1;
  net::Address address_;
  std::string ca_file_;
  std::thread thread_;
};

}  // namespace reseal::test
