// The watch on one server: schedule, probe under way, rise/fall state, the last result. Part of the monitor.
// Owner: the monitor; control thread.
#pragma once

#include <memory>
#include <string>

#include "health/agent.h"
#include "health/availability.h"
#include "health/check_texts.h"
#include "health/ejection.h"
#include "health/monitor.h"
#include "health/probe.h"
#include "health/rise_fall.h"

namespace reseal::health {

/// Why a server is in maintenance that its agent has put there.
constexpr const char* kAgentMaintenance = "its agent says so";

class Watch final : public ProbeEvents, public AgentEvents {
 public:
  Watch(Monitor& monitor, MonitoredServer server);
  ~Watch();

  /// The same server as a new generation describes it.
  void update(MonitoredServer server);
  void suspected(const std::string& reason);
  void outlier(const std::string& reason);
  /// Takes over the health of the server that it tracks.
  void follow(const backends::ServerState& tracked);
  /// The server is elsewhere now, or nowhere: `lost` says why.
  void move(const std::string& lost);
  [[nodiscard]] ServerReport report(TimePoint now) const;
  [[nodiscard]] const MonitoredServer& server() const { return server_; }

 private:
  void on_probe_done(const ProbeResult& result) override;
  void begin_probe();
  /// Drops the probe under way, if any; its result is not wanted any more.
  void end_probe();
  [[nodiscard]] bool is_checked() const { return server_.check && server_.out_of_service.empty(); }
  void check_removed();
  void set_service();
  /// As at the beginning: nothing speaks against it yet, and its first check decides.
  void begin_anew();
  void judge(const ProbeResult& result);
  void set_draining(bool draining, const std::string& reason);

  // watch_agent.cpp
  void set_agent();
  void on_agent_said(const ProbeResult& result, const std::optional<AgentReply>& reply) override;
  void obey_agent(AgentOrder order);
  void set_agent_up(bool up, const ProbeResult& told);
  void tell(bool is_alert, const std::string& line) const;
  [[nodiscard]] CheckHealth health() const;
  void check_failed_to_run(const std::string& reason);
  void schedule(Duration after);
  void on_due();
  [[nodiscard]] Duration first_probe_after() const;
  [[nodiscard]] Duration next_interval() const;
  [[nodiscard]] Duration jittered(Duration interval) const;
  void end_ejection(const std::string& reason);
  void on_ejection_over();
  /// To the log and the listener, in HAProxy's words.
  void tell_check(const ProbeResult& result);
  /// `told`: the check that has made it so; none: something else has.
  void went_up(const std::string& reason, const ProbeResult& told = {});
  void went_down(const std::string& reason, const ProbeResult& told = {});

  Monitor& monitor_;
  MonitoredServer server_;
  RiseFall rise_fall_;
  tls::SessionSlot sessions_;
  std::unique_ptr<Probe> probe_;
  net::Timer timer_;
  TimePoint since_;
  std::string reason_;
  std::string last_check_;
  ProbeResult last_;
  std::uint64_t failed_checks_ = 0;
  Availability availability_;
  /// What the agent has said; as if it had said nothing where there is none.
  struct AgentSays {
    std::unique_ptr<Agent> asked;  // null: there is none
    ProbeResult last;
    bool up = true;
    bool drains = false;
    bool has_maintenance = false;
  } agent_;
  bool check_drains_ = false;
  EjectionTimes ejection_times_;
  net::Timer ejection_timer_;  // running while it is ejected
  std::string ejection_reason_;
  std::uint64_t ejections_ = 0;
  TimePoint kept_logged_{};       // when it was last told that it may not be ejected
  bool shortage_logged_ = false;  // since the last check that could be made
};

}  // namespace reseal::health
