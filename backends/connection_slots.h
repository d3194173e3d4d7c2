// A server connection's claims on what limits there are for it: its server's and its backend's, both or none. Moving
// hands them on; destroying gives them back.
#pragma once

#include "backends/server_state.h"

namespace reseal::backends {

class ConnectionSlots {
 public:
  ConnectionSlots() = default;

  /// `server` is borrowed while they are held. Not held when one of the limits has no room.
  [[nodiscard]] static ConnectionSlots take(ServerState& server) {
    BackendState& backend = *server.backend_state;
    ConnectionSlots slots;
    slots.server_ = Slot::take(server.connections, backend.queue);
    if (!slots.server_.is_held()) return slots;
    slots.backend_ = Slot::take(backend.connections, backend.queue);
    if (!slots.backend_.is_held()) slots.server_.release_quietly();
    return slots;
  }
  /// Over the limits if need be.
  [[nodiscard]] static ConnectionSlots take_in_any_case(ServerState& server) {
    BackendState& backend = *server.backend_state;
    ConnectionSlots slots;
    slots.server_ = Slot::take_in_any_case(server.connections, backend.queue);
    slots.backend_ = Slot::take_in_any_case(backend.connections, backend.queue);
    return slots;
  }
  /// take() would hold them. True now; another worker may be faster.
  [[nodiscard]] static bool have_room(const ServerState& server) {
    return server.connections.has_room() && server.backend_state->connections.has_room();
  }
  [[nodiscard]] bool are_held() const { return server_.is_held(); }
  void release() {
    backend_.release_quietly();  // both are back before anybody looks
    server_.release();
  }

 private:
  Slot server_;
  Slot backend_;
};

}  // namespace reseal::backends
