// What HAProxy says of a server's check, word for word: in its logs, and to the server itself. Pure.
#pragma once

#include <string>

#include "backends/server_state.h"
#include "health/probe.h"

namespace reseal::health {

/// From 0 (down) to rise + fall - 1 (up); a server is up from rise on.
struct CheckHealth {
  int now = 0;
  int rise = 0;
  int fall = 0;

  [[nodiscard]] bool is_up() const { return now >= rise; }
};

/// "reason: Layer7 wrong status, code: 503, info: "Service Unavailable", check duration: 2ms".
std::string reason_text(const ProbeResult& result);
/// "Health check for server web/web1 failed, reason: Layer7 wrong status, code: 503, info: "Service Unavailable", check
/// duration: 2ms, status: 0/2 DOWN."
std::string check_line(const backends::ServerState& server, bool is_backup, const ProbeResult& result,
                       CheckHealth health);
/// "UP 2/3; address=10.0.0.1; port=80; name=web/web1; weight=100; scur=3".
std::string state_text(const backends::ServerState& server, std::uint32_t weight, CheckHealth health);

}  // namespace reseal::health
