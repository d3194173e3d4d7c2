// The key and its answer that a WebSocket has in HTTP/1.1 (RFC 6455 4) and not in HTTP/2 (RFC 8441 5), for a client and a
// server that speak different ones: each is given what it waits for, and a server's answer to a key of ours is verified. A
// client of HTTP/1.1 before such a server does that for itself. A member of the exchange, which tells it each step; costs
// one comparison where no WebSocket is asked for. Single thread.
#pragma once

#include <string_view>

#include "lb/base/error.h"
#include "lb/http/message.h"

namespace reseal::proxy {

class WebSocketHandshake {
 public:
  /// A request begins; its head lives until the response's. One that came in HTTP/2 gets a key.
  void begin(http::RequestHead& head) {
    key_ = {};
    if (!head.upgrade.empty()) look_at_request(head);
  }

  /// The server's final answer. kBadResponse: a server of HTTP/1.1 switches, but has not understood our key.
  [[nodiscard]] Result<void> answered(http::ResponseHead& head) const {
    const bool opens = !key_.empty() && head.framing.kind == http::BodyKind::kTunnel;
    return opens ? look_at_response(head) : Result<void>();
  }

 private:
  void look_at_request(http::RequestHead& head);
  [[nodiscard]] Result<void> look_at_response(http::ResponseHead& head) const;

  std::string_view key_;  // what the server is asked with; empty: no WebSocket, or a client without a key
  bool is_ours_ = false;  // the client spoke HTTP/2
};

}  // namespace reseal::proxy
