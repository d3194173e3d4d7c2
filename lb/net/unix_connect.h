// A connection being opened to a unix socket. The kernel does not wait for whoever listens there and has no room, as it does with
// TCP: this does, and tries again until the owner has waited long enough. Single thread.
#pragma once

#include <functional>
#include <string>

#include "lb/net/listening_socket.h"
#include "lb/net/loop.h"

namespace reseal::net {

class UnixConnect {
 public:
  using Told = std::function<void(Result<Fd>)>;

  /// `path` as connect_unix() takes it. `told` is called once, perhaps before this returns, and not after the destructor.
  UnixConnect(Loop& loop, std::string path, Told told);

 private:
  void attempt();

  Loop& loop_;
  const std::string path_;
  const Told told_;
  Timer again_;
};

}  // namespace reseal::net
