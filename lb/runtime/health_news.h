// What the health monitor has to tell, to all whom it concerns: HAProxy's messages, and the workers that have sessions at a
// server. Owner: the process; control thread.
#pragma once

#include <memory>
#include <vector>

#include "health/health_listener.h"
#include "lb/runtime/haproxy_messages.h"
#include "lb/runtime/worker.h"

namespace reseal::runtime {

class HealthNews final : public health::HealthListener {
 public:
  /// Both are borrowed and outlive it.
  HealthNews(HaproxyMessages& messages, const std::vector<std::unique_ptr<Worker>>& workers)
      : messages_(messages), workers_(workers) {}

  void on_server_changed(const health::MonitoredServer& server, const health::ProbeResult& told,
                         health::ServersUp servers) override {
    messages_.tell_server_changed(server, told, servers);
  }
  void on_told(const backends::ServerState& server, bool is_alert, std::string_view line) override {
    messages_.tell(server, is_alert ? stats::LogLevel::kAlert : stats::LogLevel::kNotice, line);
  }
  void on_sessions_over(const std::shared_ptr<backends::ServerState>& server, Code cause) override {
    for (const auto& worker : workers_) worker->post(EndSessions{server, cause});
  }

 private:
  HaproxyMessages& messages_;
  const std::vector<std::unique_ptr<Worker>>& workers_;
};

}  // namespace reseal::runtime
