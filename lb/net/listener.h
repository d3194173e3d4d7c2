// Listening sockets: made and bound by the control thread (so that a port in use refuses the change before
// anything has changed), accepted from on a worker's loop.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lb/base/error.h"
#include "lb/net/address.h"
#include "lb/net/loop.h"

namespace reseal::net {

/// An owned file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  [[nodiscard]] int value() const { return fd_; }
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  int release() {
    int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset();

 private:
  int fd_ = -1;
};

/// `count` sockets bound to the same address with SO_REUSEPORT and listening, one a worker. An address that
/// anybody listens on already is an error (a first bind without SO_REUSEPORT finds out). Port 0: the system
/// chooses one port for all of them.
Result<std::vector<Fd>> listen_tcp(const Address& address, int count, int backlog);
/// A unix socket with mode 0600. A stale file (nobody answers) is replaced; a living one is an error.
Result<Fd> listen_unix(const std::string& path);
/// The address a socket is bound to.
Address bound_address(int fd);

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
  void on_readable();
  int accept_some(int most);
  void on_pause_over();

  Loop& loop_;
  ListenerEvents& events_;
  Fd socket_;
  Handle* handle_ = nullptr;
  bool paused_ = false;
  Timer pause_timer_;
};

}  // namespace reseal::net
