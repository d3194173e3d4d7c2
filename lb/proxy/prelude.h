// What a client's connection brings before its session begins: the PROXY header of a balancer in front of us, and
// its opening where that decides: the ClientHello of TLS that is passed on unopened, the preface of HTTP/2 without TLS.
// Bytes in, facts out; nothing is answered.
//
//   kProxyHeader ──complete──► kOpening ──decided──► kDone        any ──malformed, not what was expected──► refused
//   (either may be left out)
//
// Owner: the client connection, until it is done. Single thread. Bounded by what the two parsers accept.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lb/base/error.h"
#include "lb/net/proxy_protocol.h"
#include "tls/client_hello.h"

namespace reseal::proxy {

class Prelude {
 public:
  /// What the connection's own first bytes are read for.
  enum class Opening : std::uint8_t {
    kAny,
    kClientHello,  ///< it must begin with one
    kHttp
  };

  Prelude(bool proxy_header, Opening opening)
      : state_(proxy_header ? State::kProxyHeader : State::kOpening), opening_(opening) {}

  /// False: more is needed. True: done, see below. The error says why the connection is to be ended.
  Result<bool> feed(std::string_view bytes);

  /// It began with a PROXY header.
  [[nodiscard]] bool has_header() const { return has_header_; }
  /// Who the client really is; only if the PROXY header named somebody.
  [[nodiscard]] bool names_client() const { return named_; }
  [[nodiscard]] const net::Address& source() const { return source_; }
  [[nodiscard]] const net::Address& destination() const { return destination_; }
  /// A ClientHello was read.
  [[nodiscard]] bool has_hello() const { return has_hello_; }
  /// What it says, to be taken by whoever asks rules.
  [[nodiscard]] tls::ClientHello take_hello() { return std::move(hello_); }
  /// SNI of the ClientHello, empty if none.
  [[nodiscard]] const std::string& server_name() const { return server_name_; }
  /// What the ClientHello offers, as tls::ClientHello has it; up to 16 KiB of the client's, so to be forgotten once the
  /// rules have been asked.
  [[nodiscard]] const std::string& alpn() const { return alpn_; }
  void forget_hello() {
    std::string().swap(alpn_);
    hello_ = {};
  }
  /// It begins with HTTP/2's preface (RFC 9113 3.4).
  [[nodiscard]] bool is_http2() const { return http2_; }
  /// The connection's own bytes that came so far, the ClientHello included.
  [[nodiscard]] std::string take_rest() { return std::move(bytes_); }

 private:
  enum class State : std::uint8_t { kProxyHeader, kOpening, kDone };
  Result<bool> read_proxy_header();
  Result<bool> read_opening();
  Result<bool> read_client_hello();

  std::string bytes_;
  net::Address source_;
  net::Address destination_;
  std::string server_name_;
  std::string alpn_;
  tls::ClientHello hello_;
  State state_;
  const Opening opening_;
  bool has_header_ = false;
  bool named_ = false;
  bool http2_ = false;
  bool has_hello_ = false;
};

}  // namespace reseal::proxy
