// Learns that the peer of a connected socket has ended its sending side or has reset the connection, without reading
// what it had sent before: for a stream whose reading is paused for long. Costs a descriptor and some system calls.
//
// Tells once. Owner: the TcpStream; may be destroyed from within what it tells. Single thread.
#pragma once

#include "lb/net/loop.h"

namespace reseal::net {

class PeerWatchEvents {
 public:
  /// `reset`: the connection is dead; otherwise the peer's end has arrived, and writing may go on.
  virtual void on_peer_ended(bool reset) = 0;

 protected:
  ~PeerWatchEvents() = default;
};

class PeerWatch {
 public:
  /// `events` is borrowed; `socket` is not taken over. Without a descriptor to spare it never tells anything.
  PeerWatch(Loop& loop, int socket, PeerWatchEvents& events);
  ~PeerWatch();
  PeerWatch(const PeerWatch&) = delete;
  PeerWatch& operator=(const PeerWatch&) = delete;

 private:
  struct Handle;  // freed in libuv's close callback
  Handle* handle_ = nullptr;
};

}  // namespace reseal::net
