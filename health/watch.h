// The watch on one server: schedule, probe under way, rise/fall state, the last result. Part of the monitor.
// Owner: the monitor; control thread.
#pragma once

#include <memory>
#include <string>

#include "health/availability.h"
#include "health/check_texts.h"
#include "health/ejection.h"
#include "health/monitor.h"
#include "health/probe.h"
#include "health/rise_fall.h"

namespace reseal::health {

class Watch final : public ProbeEvents {
 public:
  Watch(Monitor& monitor, MonitoredServer server);
  ~Watch();

  /// The same server as a new generation describes it.
  void update(MonitoredServer server);
  void suspected(const std::string& reason);
  void outlier(const std::string& reason);
  /// Takes over the health of the server that it tracks.
  void follow(const backends::ServerState& tracked);
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
  void judge(const ProbeResult& result);
  void set_draining(bool draining, const std::string& reason);
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
  EjectionTimes ejection_times_;
  net::Timer ejection_timer_;  // running while it is ejected
  std::string ejection_reason_;
  std::uint64_t ejections_ = 0;
  TimePoint kept_logged_{};       // when it was last told that it may not be ejected
  bool shortage_logged_ = false;  // since the last check that could be made
};

}  // namespace reseal::health
