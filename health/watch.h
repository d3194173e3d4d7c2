// The watch on one server: schedule, probe under way, rise/fall state, the last result. Part of the monitor.
// Owner: the monitor; control thread.
#pragma once

#include <memory>
#include <string>

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
  [[nodiscard]] ServerReport report(TimePoint now) const;
  [[nodiscard]] const MonitoredServer& server() const { return server_; }

 private:
  void on_probe_done(const ProbeResult& result) override;
  [[nodiscard]] tls::AlpnOffer probe_alpn() const;
  void begin_probe();
  /// Drops the probe under way, if any; its result is not wanted any more.
  void end_probe();
  void check_removed();
  void check_failed_to_run(const std::string& reason);
  void schedule(Duration after);
  void on_due();
  [[nodiscard]] Duration first_probe_after() const;
  [[nodiscard]] Duration next_interval() const;
  [[nodiscard]] Duration jittered(Duration interval) const;
  void end_ejection(const std::string& reason);
  void on_ejection_over();
  void tell_check(const CheckWords& words);
  void went_up(const std::string& reason);
  void went_down(const std::string& reason);

  Monitor& monitor_;
  MonitoredServer server_;
  RiseFall rise_fall_;
  tls::SessionSlot sessions_;
  std::unique_ptr<Probe> probe_;
  net::Timer timer_;
  TimePoint since_;
  std::string reason_;
  std::string last_check_;
  CheckWords words_;  // of the last check, or of none where something else has changed the server
  EjectionTimes ejection_times_;
  net::Timer ejection_timer_;  // running while it is ejected
  std::string ejection_reason_;
  std::uint64_t ejections_ = 0;
  TimePoint kept_logged_{};       // when it was last told that it may not be ejected
  bool shortage_logged_ = false;  // since the last check that could be made
};

}  // namespace reseal::health
