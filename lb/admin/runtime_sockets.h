// The sockets of HAProxy's runtime API. Bounded in connections, bytes and time: a client beyond the last that may be served
// waits in the kernel's queue, one that neither asks nor reads is cut off. Owner: cli/run. Control thread.
#pragma once

#include <memory>
#include <vector>

#include "lb/base/intrusive_list.h"
#include "lb/base/log.h"
#include "lb/base/log_budget.h"
#include "lb/config/runtime_api.h"
#include "lb/net/listener.h"
#include "lb/net/loop.h"
#include "lb/runtime/control.h"

namespace reseal::admin {

class RuntimeSockets final {
 public:
  /// `sockets` listen, one for each of `api.sockets`. `loop`, `control` and `log` are borrowed and outlive the object.
  RuntimeSockets(net::Loop& loop, std::vector<net::Fd> sockets, config::RuntimeApi api,
                 runtime::Control& control, Log& log);
  ~RuntimeSockets();

 private:
  class Connection;
  struct ConnectionTag;
  struct Door;
  void on_connection(net::Fd fd, config::AccessLevel level);
  void on_closed();

  net::Loop& loop_;
  config::RuntimeApi api_;
  runtime::Control& control_;
  Log& log_;
  std::vector<std::unique_ptr<Door>> doors_;
  IntrusiveList<Connection, ConnectionTag> connections_;
  int count_ = 0;
  LogBudget pause_lines_{1};  ///< lines a second about pauses
};

}  // namespace reseal::admin
