// The admin socket: a unix socket of mode 0600 that takes one command line a connection and answers it.
// Bounded in connections, bytes and time; a client that never reads is cut off. Owner: cli/run. Control
// thread.
#pragma once

#include <memory>
#include <string>

#include "lb/base/intrusive_list.h"
#include "lb/base/log.h"
#include "lb/base/log_budget.h"
#include "lb/net/listener.h"
#include "lb/net/loop.h"
#include "lb/runtime/control.h"

namespace reseal::admin {

class AdminSocket final : public net::ListenerEvents {
 public:
  /// `socket` is listening at `path`; the file is removed at the end. The rest is borrowed and outlives the
  /// object.
  AdminSocket(net::Loop& loop, net::Fd socket, std::string path, runtime::Control& control, Log& log);
  ~AdminSocket();

 private:
  class Connection;
  struct ConnectionTag;
  void on_connection(net::Fd fd, const net::Address& peer) override;
  void on_accept_paused(int error) override;

  net::Loop& loop_;
  std::string path_;
  runtime::Control& control_;
  Log& log_;
  std::unique_ptr<net::Listener> listener_;
  IntrusiveList<Connection, ConnectionTag> connections_;
  std::size_t count_ = 0;
  LogBudget pause_lines_{1};  ///< lines a second about pauses
};

}  // namespace reseal::admin
