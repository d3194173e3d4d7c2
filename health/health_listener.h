// Told of what becomes of servers. Implemented by who sends messages about it. Control thread.
#pragma once

#include <memory>
#include <string_view>

#include "backends/server_state.h"
#include "health/probe.h"

namespace reseal::health {

struct MonitoredServer;

/// Servers of a backend that are up.
struct ServersUp {
  int active = 0;
  int backup = 0;
};

class HealthListener {
 public:
  /// `server` is up or down now (ServerState::health says which). `told`: the check that has made it so, where that is
  /// worth telling; otherwise its status is unknown.
  virtual void on_server_changed(const MonitoredServer& server, const ProbeResult& told,
                                 ServersUp servers) = 0;
  /// Those at `server` are to end, with that cause.
  virtual void on_sessions_over(const std::shared_ptr<backends::ServerState>& server, Code cause) = 0;
  /// Something about it in HAProxy's words: a check whose results are logged has come to something else than the one before,
  /// or moved the server towards up or down; its agent has put it somewhere. `is_alert`: it serves no more.
  virtual void on_told(const backends::ServerState& server, bool is_alert, std::string_view line) = 0;

 protected:
  ~HealthListener() = default;
};

}  // namespace reseal::health
