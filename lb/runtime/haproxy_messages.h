// What HAProxy itself says to the log targets of its proxies, in its words: servers that come and go, checks, the end. Only
// proxies of a haproxy.cfg have such targets. Owner: the process; control thread.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "health/health_listener.h"
#include "lb/runtime/generation.h"
#include "lb/stats/log_target.h"

namespace reseal::runtime {

class HaproxyMessages final {
 public:
  /// From now on that generation's proxies.
  void use(std::shared_ptr<const Generation> generation) { generation_ = std::move(generation); }
  /// No proxy takes connections any more.
  void tell_stopped();

  /// As health/health_listener.h says.
  void tell_server_changed(const health::MonitoredServer& monitored, const health::ProbeResult& told,
                           health::ServersUp servers);
  /// `line` is about that server.
  void tell(const backends::ServerState& server, stats::LogLevel level, std::string_view line);

 private:
  void send(std::span<const stats::LogTarget> targets, stats::LogLevel level, std::string_view text);

  std::shared_ptr<const Generation> generation_;
  stats::LogDate date_;
};

}  // namespace reseal::runtime
