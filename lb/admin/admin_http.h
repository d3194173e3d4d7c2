// The admin address: metrics, health and statistics over plain HTTP/1.1, read-only. Bounded in connections
// and time. Owner: cli/run. Control thread.
#pragma once

#include <memory>

#include "lb/base/intrusive_list.h"
#include "lb/base/log.h"
#include "lb/base/log_budget.h"
#include "lb/net/listener.h"
#include "lb/net/loop.h"
#include "lb/runtime/control.h"

namespace reseal::admin {

class AdminHttp final : public net::ListenerEvents {
 public:
  /// `socket` is listening. The rest is borrowed and outlives the object.
  AdminHttp(net::Loop& loop, net::Fd socket, runtime::Control& control, Log& log);
  ~AdminHttp();

 private:
  class Connection;
  struct ConnectionTag;
  void on_connection(net::Fd fd, const net::Address& peer) override;
  void on_accept_paused(int error) override;

  net::Loop& loop_;
  runtime::Control& control_;
  Log& log_;
  std::unique_ptr<net::Listener> listener_;
  IntrusiveList<Connection, ConnectionTag> connections_;
  std::size_t count_ = 0;
  LogBudget pause_lines_{1};  ///< lines a second about pauses
};

}  // namespace reseal::admin
