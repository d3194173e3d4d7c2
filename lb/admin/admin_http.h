// The admin address: metrics, health and statistics over plain HTTP/1.1, read-only. Bounded in connections
// and time, and only to those who ask for it by an address, localhost or a name of its own: the page of another site whose
// name is made to lead here (DNS rebinding) would otherwise read it in a browser. Owner: cli/run. Control thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lb/base/intrusive_list.h"
#include "lb/base/log.h"
#include "lb/base/log_budget.h"
#include "lb/net/listener.h"
#include "lb/net/loop.h"
#include "lb/runtime/control.h"

namespace reseal::admin {

class AdminHttp final : public net::ListenerEvents {
 public:
  /// `socket` is listening; `hosts` are its own names. The rest is borrowed and outlives the object.
  AdminHttp(net::Loop& loop, net::Fd socket, std::vector<std::string> hosts, runtime::Control& control,
            Log& log);
  ~AdminHttp();

 private:
  class Connection;
  struct ConnectionTag;
  void on_connection(net::Fd fd, const net::Address& peer) override;
  void on_accept_paused(int error) override;
  [[nodiscard]] bool is_named(std::string_view host) const;

  net::Loop& loop_;
  std::vector<std::string> hosts_;
  runtime::Control& control_;
  Log& log_;
  std::unique_ptr<net::Listener> listener_;
  IntrusiveList<Connection, ConnectionTag> connections_;
  std::size_t count_ = 0;
  LogBudget pause_lines_{1};  ///< lines a second about pauses
};

}  // namespace reseal::admin
