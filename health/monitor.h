// Active health checks and what follows from them, ejections and panics included: the only writer of what ServerState and
// BackendState say of health. Logs every transition with its reason. Owner: the process; control thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/server.h"
#include "health/availability.h"
#include "health/check_plan.h"
#include "health/check_texts.h"
#include "health/health_listener.h"
#include "health/probe.h"
#include "lb/base/log.h"
#include "lb/base/random.h"
#include "lb/config/model.h"
#include "lb/net/loop.h"

namespace reseal::health {

struct MonitoredServer {
  std::shared_ptr<backends::ServerState> state;
  std::optional<config::Check> check;     ///< its times and counts
  std::shared_ptr<const CheckPlan> plan;  ///< what it does; never null with a check
  config::Passive passive;
  config::Outlier outlier{};
  int panic_threshold = 0;  ///< of its backend
  std::uint32_t weight = 100;
  bool counts = true;  ///< among the servers that a panic is judged by: a weight above 0, no backup
  bool backup = false;
  std::shared_ptr<backends::ServerState> tracked{};  ///< another server, whose health it shares; null: none
  bool ends_sessions_when_down = false;              ///< its own
  bool ends_backup_sessions_when_up = false;         ///< of its backend
  std::optional<config::AgentCheck> agent{};
  std::string disabled{};  ///< why the configuration has it in maintenance; empty: it does not
  std::string
      out_of_service{};  ///< why it is in maintenance now: neither traffic nor checks; empty: it is not
};

/// What there is to say about a server's health.
struct ServerReport {
  std::string reason;      ///< why it is up or down
  Duration since{0};       ///< how long it has been so
  std::string last_check;  ///< "HTTP 200 in 1.2 ms", empty before the first
  ProbeResult last{};      ///< the same in parts, and in HAProxy's words
  std::uint64_t failed_checks = 0;
  ProbeResult agent{};          ///< what its agent said last
  CheckHealth agent_health{};   ///< with an agent
  CheckHealth health{};         ///< without a check: rise and fall are 0
  std::uint64_t ejections = 0;  ///< since the process began
  Availability availability{};
};

class Watch;

class Monitor {
 public:
  /// `loop`, `log` and `random` are borrowed and outlive the monitor.
  Monitor(net::Loop& loop, Log& log, Random& random);
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  /// Told of every change from now on; borrowed, null: nobody.
  void set_listener(HealthListener* listener) { listener_ = listener; }
  /// The servers of a new generation: known ones (same ServerState) keep their state, others begin or end.
  void apply(std::vector<MonitoredServer> servers);
  /// Traffic had reason to doubt a server: down at once, checked at once.
  void on_server_suspect(const backends::ServerState& server, const std::string& reason);
  /// Traffic finds that its answers fail: left out for a while, unless too many are already.
  void on_server_outlier(const backends::ServerState& server, const std::string& reason);
  /// The address in its state is another one now, or `lost` says why there is none any more: checks follow, and without
  /// one it is out of service.
  void on_server_moved(const backends::ServerState& server, const std::string& lost);
  /// Of its backend.
  [[nodiscard]] ServersUp servers_up(const backends::BackendState& backend) const;
  [[nodiscard]] ServerReport report(const backends::ServerState& server, TimePoint now) const;
  /// Of a backend as a whole: whether any server of it takes new clients.
  [[nodiscard]] Availability availability(const backends::BackendState& backend) const;

 private:
  friend class Watch;
  /// "2 of 3 servers of backend 'web' are up".
  [[nodiscard]] std::string backend_text(const std::string& backend) const;
  [[nodiscard]] int servers_up(const std::string& backend) const;
  /// Servers that share the health of this one take it over.
  void tell_trackers(const backends::ServerState& state);
  /// To the listener: whether it is up has changed, for what `told` found (nothing if its status is unknown).
  void tell_change(const MonitoredServer& server, const ProbeResult& told) const;
  /// As its configuration asks for, now that it is up or down.
  void end_sessions(const MonitoredServer& server) const;
  [[nodiscard]] bool has_room_for_ejection(const MonitoredServer& server) const;
  /// Some server of the backend has changed: whether it panics now, and requests that wait look again.
  void on_change(backends::BackendState& backend);

  net::Loop& loop_;
  Log& log_;
  Random& random_;
  HealthListener* listener_ = nullptr;
  std::map<const backends::ServerState*, std::unique_ptr<Watch>> watches_;
  std::map<const backends::BackendState*, Availability> backends_;
};

}  // namespace reseal::health
