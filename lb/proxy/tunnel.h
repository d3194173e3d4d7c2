// Which halves of a tunnel (WebSocket and other upgrades, CONNECT, mode: tcp) have ended, and for how long it may be
// silent. A member of the exchange, which moves the bytes. Single thread.
#pragma once

#include <algorithm>

#include "backends/backend.h"

namespace reseal::proxy {

class Tunnel {
 public:
  void open(const backends::TunnelTimeouts& timeouts) {
    timeouts_ = timeouts;
    client_ended_ = server_ended_ = false;
  }
  void end_client() { client_ended_ = true; }
  void end_server() { server_ended_ = true; }

  [[nodiscard]] bool has_client_ended() const { return client_ended_; }
  [[nodiscard]] bool has_server_ended() const { return server_ended_; }
  /// A half whose peer has gone without a word would never end: it gets less time than a whole tunnel.
  [[nodiscard]] Duration idle_timeout() const {
    const bool half = client_ended_ || server_ended_;
    return half ? std::min(timeouts_.open, timeouts_.half_closed) : timeouts_.open;
  }

 private:
  backends::TunnelTimeouts timeouts_;
  bool client_ended_ = false;
  bool server_ended_ = false;
};

}  // namespace reseal::proxy
