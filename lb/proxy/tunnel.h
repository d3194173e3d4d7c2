// Which halves of a tunnel (WebSocket and other upgrades, CONNECT, mode: tcp) have ended, and for how long it may be
// silent. A member of the exchange, which moves the bytes. Single thread.
#pragma once

#include "lb/base/clock.h"

namespace reseal::proxy {

class Tunnel {
 public:
  void open(Duration idle) {
    idle_ = idle;
    client_ended_ = server_ended_ = false;
  }
  void end_client() { client_ended_ = true; }
  void end_server() { server_ended_ = true; }

  [[nodiscard]] bool has_client_ended() const { return client_ended_; }
  [[nodiscard]] bool has_server_ended() const { return server_ended_; }
  [[nodiscard]] Duration idle_timeout() const { return idle_; }

 private:
  Duration idle_{};
  bool client_ended_ = false;
  bool server_ended_ = false;
};

}  // namespace reseal::proxy
