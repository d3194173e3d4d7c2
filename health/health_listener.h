// Told of what becomes of servers. Implemented by who sends messages about it. Control thread.
#pragma once

#include <optional>
#include <string>

#include "backends/server_state.h"
#include "lb/base/clock.h"

namespace reseal::health {

/// What a check came to, in HAProxy's words, and what it makes of the server.
struct CheckWords {
  bool passed = false;
  std::string description;  ///< "Layer4 connection problem"; empty: nothing was checked
  std::optional<int> code;
  std::string info;  ///< "Connection refused"; may be empty
  Microseconds duration{0};
  bool is_up = false;
  int health = 0;  ///< steps towards `of`
  int of = 0;
  bool operator==(const CheckWords&) const = default;
};

/// Servers of a backend that are up.
struct ServersUp {
  int active = 0;
  int backup = 0;
};

class HealthListener {
 public:
  /// `server` is up or down now (ServerState::health says which).
  virtual void on_server_changed(const backends::ServerState& server, bool is_backup, const CheckWords& last,
                                 ServersUp servers) = 0;
  /// A check has come to something else than the one before, or moved the server towards up or down.
  virtual void on_check_changed(const backends::ServerState& server, bool is_backup,
                                const CheckWords& check) = 0;

 protected:
  ~HealthListener() = default;
};

}  // namespace reseal::health
