// A listening socket (listening_socket.h) that a worker's loop accepts from. Single thread.
#pragma once

#include "lb/base/error.h"
#include "lb/net/address.h"
#include "lb/net/fd.h"
#include "lb/net/loop.h"

namespace reseal::net {

class ListenerEvents {
 public:
  /// A new connection; the receiver owns `fd` (non-blocking, close-on-exec).
  virtual void on_connection(Fd fd, const Address& peer) = 0;
  /// Accepting failed for want of descriptors or memory; it goes on by itself after a pause.
  virtual void on_accept_paused(int error) = 0;

 protected:
  ~ListenerEvents() = default;
};

class Listener {
 public:
  Listener(Loop& loop, Fd socket, ListenerEvents& events);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Stops taking connections without closing (limit reached); they wait in the kernel's queue.
  void pause();
  void resume();
  /// Accepts what the kernel has queued already, then closes: a reuseport socket that closes loses its queue.
  void drain_and_close();

 private:
  struct Handle;
  /// Before the socket closes, never after: the handle takes its descriptor's number out of the loop's epoll, and a
  /// number that is free already may be a connection's of this very loop.
  void close_handle();
  void on_readable();
  int accept_some(int most);
  void on_pause_over();

  Loop& loop_;
  ListenerEvents& events_;
  Fd socket_;
  Handle* handle_ = nullptr;  // null once closed
  bool paused_ = false;
  Timer pause_timer_;
};

}  // namespace reseal::net
