#include "health/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "lb/base/text.h"

namespace reseal::health {
namespace {

constexpr Duration kFirstProbeWithin{200};
constexpr int kPercent = 100;
constexpr Duration kKeptLogInterval{10000};

/// Whether a probe begun under `a` is due at the same times, and counts for as much, under `b`.
bool same_times(const config::Check& a, const config::Check& b) {
  const auto values = [](const config::Check& c) {
    return std::tie(c.interval, c.fast_interval, c.down_interval, c.timeout, c.connect_timeout,
                    c.jitter_percent, c.rise, c.fall);
  };
  return values(a) == values(b);
}

}  // namespace

Watch::Watch(Monitor& monitor, MonitoredServer server)
    : monitor_(monitor),
      server_(std::move(server)),
      rise_fall_(server_.check ? server_.check->rise : 1, server_.check ? server_.check->fall : 1,
                 server_.state->is_up()),
      timer_(net::Timer::bind<&Watch::on_due>(this)),
      since_(monitor.loop_.now()),
      reason_(server_.check ? "initial state, not checked yet" : "not checked"),
      ejection_timer_(net::Timer::bind<&Watch::on_ejection_over>(this)) {
  set_service();
  if (server_.check && server_.check->doubts_first) rise_fall_.doubt();
  availability_.up = server_.state->is_up();
  availability_.since = since_;
  if (is_checked()) schedule(first_probe_after());
  set_agent();
}

Watch::~Watch() {
  end_probe();
}

void Watch::update(MonitoredServer server) {
  const bool checked = is_checked();
  const bool plan_stays =
      server_.plan != nullptr && server.plan != nullptr && same_plan(*server_.plan, *server.plan);
  // A resumed session carries the trust of the handshake it stems from: never over to another identity.
  if (!plan_stays) sessions_.forget();
  const bool check_stays = checked && server.check && same_times(*server_.check, *server.check) &&
                           plan_stays && server.out_of_service.empty();
  // What is under way goes on only if it says the same. So does the schedule; were
  // it begun anew each time, reloads in quick succession would keep the check from ever being made.
  if (!check_stays) end_probe();
  server_ = std::move(server);
  if (server_.state->is_ejected() && !server_.outlier.enabled) {
    end_ejection("outlier was switched off");
  }
  if (agent_.has_maintenance && server_.out_of_service.empty()) server_.out_of_service = kAgentMaintenance;
  set_agent();
  set_service();
  if (check_stays) return;
  if (is_checked()) {
    rise_fall_.set_thresholds(server_.check->rise, server_.check->fall);
    schedule(first_probe_after());
  } else if (checked && server_.out_of_service.empty()) {
    check_removed();
  }
}

void Watch::check_removed() {
  timer_.stop();
  const bool was_up = rise_fall_.is_up();
  rise_fall_ = RiseFall(1, 1, true);
  if (was_up) {
    reason_ = "not checked";
  } else {
    went_up("its check was removed from the configuration");
  }
}

// ---- schedule

Duration Watch::next_interval() const {
  switch (rise_fall_.state()) {
    case RiseFall::State::kUp:
      return server_.check->interval;
    case RiseFall::State::kDown:
      return server_.check->down_interval;
    case RiseFall::State::kFalling:
    case RiseFall::State::kRising:
      return server_.check->fast_interval;
  }
  return server_.check->interval;
}

Duration Watch::jittered(Duration interval) const {
  const auto span = static_cast<std::uint64_t>(interval.count() * server_.check->jitter_percent / kPercent);
  if (span == 0) return interval;
  const auto offset =
      static_cast<std::int64_t>(monitor_.random_.below(2 * span + 1)) - static_cast<std::int64_t>(span);
  return interval + Duration(offset);
}

Duration Watch::first_probe_after() const {
  // Spread over the first moments, so that many servers are not all probed in the same instant.
  const Duration most = std::min(kFirstProbeWithin, server_.check->interval);
  return Duration(monitor_.random_.below(static_cast<std::uint64_t>(most.count()) + 1));
}

void Watch::schedule(Duration after) {
  monitor_.loop_.start_irregular_timer(timer_, after);
}

void Watch::on_due() {
  if (is_checked()) {
    begin_probe();
    return;
  }
  // Without a check only traffic can tell: let it try again.
  if (rise_fall_.passed() == RiseFall::Change::kWentUp) {
    went_up(fmt::format("trying again after {} ms; there is no check to tell", server_.passive.hold.count()));
  }
}

void Watch::begin_probe() {
  const ProbeTimes times{server_.check->timeout, server_.check->connect_timeout};
  probe_ = std::make_unique<Probe>(monitor_.loop_, server_.plan, times, &sessions_, *this);
  probe_->start(server_.state->is_up(), state_text(*server_.state, server_.weight, health()));
}

void Watch::end_probe() {
  if (probe_ == nullptr) return;
  probe_->close();
  monitor_.loop_.bury(std::move(probe_));
}

// ---- results

void Watch::on_probe_done(const ProbeResult& result) {
  monitor_.loop_.bury(std::move(probe_));
  if (result.verdict == Verdict::kNotChecked) {
    check_failed_to_run(result.reason);
    return;
  }
  shortage_logged_ = false;
  judge(result);
  schedule(jittered(next_interval()));
}

void Watch::judge(const ProbeResult& result) {
  const bool passed = result.verdict == Verdict::kPassed;
  const CheckHealth before = health();
  const bool is_news = last_.status != result.status;
  last_ = result;
  failed_checks_ += passed || !rise_fall_.is_up() ? 0 : 1;
  last_check_ =
      fmt::format("{} in {:.1f} ms", result.reason, static_cast<double>(result.latency.count()) / 1000.0);
  const auto streak = static_cast<std::uint64_t>(rise_fall_.streak() + 1);
  const RiseFall::Change change = passed ? rise_fall_.passed() : rise_fall_.failed();
  // With a line for each check the change needs no reason of its own.
  const ProbeResult told = server_.check->is_logged ? ProbeResult() : result;
  if (server_.check->is_logged && (is_news || health().now != before.now)) tell_check(result);
  if (change == RiseFall::Change::kWentUp) {
    went_up(fmt::format("{} ({} in a row)", result.reason, counted(streak, "passed check")), told);
  } else if (change == RiseFall::Change::kWentDown) {
    went_down(fmt::format("{} ({} in a row)", result.reason, counted(streak, "failed check")), told);
  } else if (!passed || rise_fall_.state() == RiseFall::State::kUp) {
    reason_ = result.reason;
  }
  if (!passed && change == RiseFall::Change::kNone) {
    monitor_.log_.debug(fmt::format("server {}: check failed: {}", server_.state->text(), result.reason));
  }
  if (passed) {
    check_drains_ = result.status == config::CheckStatus::kL7OkConditionally;
    set_draining(check_drains_ || agent_.drains, result.reason);
  }
}

void Watch::set_draining(bool draining, const std::string& reason) {
  backends::ServerState& state = *server_.state;
  if (state.draining.exchange(draining) == draining) return;
  since_ = monitor_.loop_.now();
  reason_ = reason;
  monitor_.log_.info(
      fmt::format("server {} {}: {}", state.text(),
                  draining ? "drains: it is up and gets no new clients" : "gets new clients again", reason));
  monitor_.on_change(*state.backend_state);
  monitor_.tell_trackers(state);
}

CheckHealth Watch::health() const {
  if (!server_.check) return {};
  const int rise = server_.check->rise;
  const int fall = server_.check->fall;
  return {rise_fall_.is_up() ? rise + fall - 1 - rise_fall_.streak() : rise_fall_.streak(), rise, fall};
}

void Watch::set_service() {
  backends::ServerState& state = *server_.state;
  const bool out = !server_.out_of_service.empty();
  if (out) {
    timer_.stop();
    end_probe();
    reason_ = server_.out_of_service;
  }
  if (state.maintenance.exchange(out) == out) return;
  since_ = monitor_.loop_.now();
  availability_.set(state.is_up(), since_);
  if (!out) reason_ = "back in service";
  monitor_.log_.info(
      fmt::format("server {} is {}: {}", state.text(), out ? "out of service" : "in service", reason_));
  monitor_.end_sessions(server_);
}

void Watch::begin_anew() {
  rise_fall_ =
      RiseFall(server_.check ? server_.check->rise : 1, server_.check ? server_.check->fall : 1, true);
  if (server_.check && server_.check->doubts_first) rise_fall_.doubt();
  server_.state->health = agent_.up ? backends::Health::kUp : backends::Health::kDown;
}

void Watch::move(const std::string& lost) {
  const bool comes_back = lost.empty() && server_.state->unresolved;
  server_.state->unresolved = !lost.empty();
  end_probe();
  sessions_.forget();
  server_.out_of_service = !lost.empty()            ? lost
                           : agent_.has_maintenance ? kAgentMaintenance
                                                    : server_.disabled;
  if (server_.plan != nullptr && lost.empty())
    server_.plan = moved_plan(*server_.plan, server_.state->address.get());
  if (comes_back) begin_anew();
  set_service();
  if (is_checked()) schedule(first_probe_after());
}

void Watch::tell_check(const ProbeResult& result) {
  const std::string line = check_line(*server_.state, server_.backup, result, health());
  monitor_.log_.info(line);
  tell(false, line);
}

void Watch::check_failed_to_run(const std::string& reason) {
  last_check_ = "not made: " + reason;
  if (!shortage_logged_) {
    monitor_.log_.warn(fmt::format("server {} cannot be checked: {}; it stays {}", server_.state->text(),
                                   reason, rise_fall_.is_up() ? "UP" : "DOWN"));
  }
  shortage_logged_ = true;
  schedule(jittered(next_interval()));
}

void Watch::suspected(const std::string& reason) {
  switch (server_.passive.then) {
    case config::Suspicion::kCheckSoon:
      if (server_.check && probe_ == nullptr) schedule(jittered(server_.check->fast_interval));
      return;
    case config::Suspicion::kLastChance:
      rise_fall_.doubt();
      if (server_.check && probe_ == nullptr) schedule(jittered(server_.check->fast_interval));
      return;
    case config::Suspicion::kFailedCheck:
      if (rise_fall_.failed() == RiseFall::Change::kWentDown) went_down(reason);
      return;
    case config::Suspicion::kDown:
      break;
  }
  if (rise_fall_.suspected() != RiseFall::Change::kWentDown) return;
  went_down(reason);
  // The check decides when it is back, and it is asked soon.
  if (server_.check) {
    if (probe_ == nullptr) schedule(jittered(server_.check->fast_interval));
  } else {
    schedule(server_.passive.hold);
  }
}

void Watch::outlier(const std::string& reason) {
  backends::ServerState& state = *server_.state;
  if (!server_.outlier.enabled || state.is_ejected() || !state.is_up()) return;
  if (!monitor_.has_room_for_ejection(server_)) {
    const TimePoint now = monitor_.loop_.now();
    if (now - kept_logged_ < kKeptLogInterval) return;
    kept_logged_ = now;
    monitor_.log_.warn(
        fmt::format("server {} stays although its answers fail: {}; no more servers of backend '{}' may "
                    "be ejected (outlier.max_ejected: {}%)",
                    state.text(), reason, state.backend, server_.outlier.max_ejected_percent));
    return;
  }
  const Duration time = ejection_times_.begin(monitor_.loop_.now(), server_.outlier.eject_for);
  state.ejected = true;
  ++ejections_;
  ejection_reason_ = reason;
  since_ = monitor_.loop_.now();
  monitor_.loop_.start_irregular_timer(ejection_timer_, time);
  monitor_.log_.warn(fmt::format("server {} is EJECTED for {} s: {}", state.text(),
                                 std::chrono::duration<double>(time).count(), reason));
  monitor_.on_change(*state.backend_state);
}

void Watch::on_ejection_over() {
  end_ejection("its time is over");
}

void Watch::end_ejection(const std::string& reason) {
  ejection_timer_.stop();
  backends::ServerState& state = *server_.state;
  state.response_failures = 0;
  state.up_since = monitor_.loop_.now();
  state.ejected = false;
  since_ = monitor_.loop_.now();
  reason_ = "back from an ejection: " + reason;
  monitor_.log_.info(fmt::format("server {} is not ejected any more: {}", state.text(), reason));
  monitor_.on_change(*state.backend_state);
}

void Watch::went_up(const std::string& reason, const ProbeResult& told) {
  if (!agent_.up) return;  // it stays down by its agent's word
  server_.state->connect_failures = 0;
  server_.state->server_errors = 0;
  server_.state->response_failures = 0;
  server_.state->up_since = monitor_.loop_.now();
  server_.state->health = backends::Health::kUp;
  availability_.set(true, monitor_.loop_.now());
  since_ = monitor_.loop_.now();
  reason_ = reason;
  monitor_.log_.info(fmt::format("server {} is UP: {}; {}", server_.state->text(), reason,
                                 monitor_.backend_text(server_.state->backend)));
  monitor_.tell_change(server_, told);
  monitor_.end_sessions(server_);
  monitor_.on_change(*server_.state->backend_state);
  monitor_.tell_trackers(*server_.state);
}

void Watch::went_down(const std::string& reason, const ProbeResult& told) {
  if (server_.state->health == backends::Health::kDown) return;  // by its agent's word
  server_.state->health = backends::Health::kDown;
  check_drains_ = false;
  server_.state->draining = agent_.drains;
  availability_.set(false, monitor_.loop_.now());
  since_ = monitor_.loop_.now();
  reason_ = reason;
  monitor_.log_.warn(fmt::format("server {} is DOWN: {}; {}", server_.state->text(), reason,
                                 monitor_.backend_text(server_.state->backend)));
  monitor_.tell_change(server_, told);
  monitor_.end_sessions(server_);
  monitor_.on_change(*server_.state->backend_state);
  if (monitor_.servers_up(server_.state->backend) == 0 && !server_.state->backend_state->panics) {
    monitor_.log_.error(fmt::format("backend '{}' has no server up: its requests get 503 until one is back",
                                    server_.state->backend));
  }
  monitor_.tell_trackers(*server_.state);
}

void Watch::follow(const backends::ServerState& tracked) {
  const bool up = tracked.health.load(std::memory_order_relaxed) == backends::Health::kUp;
  set_draining(tracked.is_draining() || agent_.drains, "as server " + tracked.text());
  if (up == rise_fall_.is_up()) return;
  rise_fall_ = RiseFall(1, 1, up);
  up ? went_up("as server " + tracked.text()) : went_down("as server " + tracked.text());
}

ServerReport Watch::report(TimePoint now) const {
  const bool ejected = server_.state->is_up() && server_.state->is_ejected();
  ServerReport report;
  report.reason = ejected ? ejection_reason_ : reason_;
  report.since = std::chrono::duration_cast<Duration>(now - since_);
  report.last_check = last_check_;
  report.ejections = ejections_;
  report.last = last_;
  report.failed_checks = failed_checks_;
  report.health = health();
  report.agent = agent_.last;
  if (agent_.asked != nullptr) report.agent_health = {agent_.up ? 1 : 0, 1, 1};
  report.availability = availability_;
  return report;
}

}  // namespace reseal::health
