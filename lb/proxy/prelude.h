// What a client's connection brings before its session begins: the PROXY header of a balancer in front of us, and,
// where TLS is passed on unopened, the ClientHello that says where to. Bytes in, facts out; nothing is answered.
//
//   kProxyHeader ──complete──► kClientHello ──complete──► kDone        any ──malformed, not what was expected──► refused
//   (either may be left out)
//
// Owner: the client connection, until it is done. Single thread. Bounded by what the two parsers accept.
#pragma once

#include <string>
#include <string_view>

#include "lb/base/error.h"
#include "lb/net/proxy_protocol.h"

namespace reseal::proxy {

class Prelude {
 public:
  Prelude(bool proxy_header, bool client_hello)
      : state_(proxy_header ? State::kProxyHeader : State::kClientHello), client_hello_(client_hello) {}

  /// False: more is needed. True: done, see below. The error says why the connection is to be ended.
  Result<bool> feed(std::string_view bytes);

  /// Who the client really is; only if the PROXY header named somebody.
  [[nodiscard]] bool names_client() const { return named_; }
  [[nodiscard]] const net::Address& source() const { return source_; }
  [[nodiscard]] const net::Address& destination() const { return destination_; }
  /// SNI of the ClientHello, empty if none.
  [[nodiscard]] const std::string& server_name() const { return server_name_; }
  /// The connection's own bytes that came so far, the ClientHello included.
  [[nodiscard]] std::string take_rest() { return std::move(bytes_); }

 private:
  enum class State : std::uint8_t { kProxyHeader, kClientHello, kDone };
  Result<bool> read_proxy_header();
  Result<bool> read_client_hello();

  std::string bytes_;
  net::Address source_;
  net::Address destination_;
  std::string server_name_;
  State state_;
  bool client_hello_;
  bool named_ = false;
};

}  // namespace reseal::proxy
