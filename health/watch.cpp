#include "health/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "health/check_words.h"
#include "health/http_probe.h"
#include "health/tcp_probe.h"
#include "lb/base/text.h"

namespace reseal::health {
namespace {

constexpr Duration kFirstProbeWithin{200};
constexpr int kPercent = 100;
constexpr Duration kKeptLogInterval{10000};

/// Whether a probe begun under `a` says the same under `b`.
bool same_check(const config::Check& a, const config::Check& b) {
  const auto values = [](const config::Check& c) {
    return std::tie(c.kind, c.path, c.method, c.host, c.expect_status, c.interval, c.fast_interval,
                    c.down_interval, c.timeout, c.jitter_percent, c.rise, c.fall);
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
  if (server_.check) schedule(first_probe_after());
}

Watch::~Watch() {
  end_probe();
}

void Watch::update(MonitoredServer server) {
  const bool checked = server_.check.has_value();
  // A resumed session carries the trust of the handshake it stems from: never over to another identity.
  const bool peer_stays = server_.tls == server.tls && server_.peer.same_identity(server.peer);
  if (!peer_stays) sessions_.forget();
  const bool check_stays = checked && server.check && same_check(*server_.check, *server.check) &&
                           peer_stays && server_.host == server.host;
  // What is under way borrows the settings: it goes on only if they say the same. So does the schedule; were
  // it begun anew each time, reloads in quick succession would keep the check from ever being made.
  if (!check_stays) end_probe();
  server_ = std::move(server);
  if (server_.state->is_ejected() && !server_.outlier.enabled) {
    end_ejection("outlier was switched off");
  }
  if (check_stays) return;
  if (server_.check) {
    rise_fall_.set_thresholds(server_.check->rise, server_.check->fall);
    schedule(first_probe_after());
  } else if (checked) {
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
  if (server_.check) {
    begin_probe();
    return;
  }
  // Without a check only traffic can tell: let it try again.
  if (rise_fall_.passed() == RiseFall::Change::kWentUp) {
    went_up(fmt::format("trying again after {} ms; there is no check to tell", server_.passive.hold.count()));
  }
}

tls::AlpnOffer Watch::probe_alpn() const {
  // A TCP check only connects: what the server speaks is not its business.
  if (server_.check->kind == config::CheckKind::kTcp) return tls::AlpnOffer::kNone;
  return backends::alpn_offer(server_.protocol);
}

void Watch::begin_probe() {
  if (server_.check->kind == config::CheckKind::kTcp) {
    probe_ = std::make_unique<TcpProbe>(monitor_.loop_, server_.check->timeout, *this);
  } else {
    probe_ =
        std::make_unique<HttpProbe>(monitor_.loop_, *server_.check, server_.protocol, server_.host, *this);
  }
  probe_->start(
      {server_.state->address, server_.tls, &server_.peer, &sessions_, probe_alpn(), server_.preface});
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
  const bool passed = result.verdict == Verdict::kPassed;
  last_check_ =
      fmt::format("{} in {:.1f} ms", result.reason, static_cast<double>(result.latency.count()) / 1000.0);
  const auto streak = static_cast<std::uint64_t>(rise_fall_.streak() + 1);
  const RiseFall::Change change = passed ? rise_fall_.passed() : rise_fall_.failed();
  tell_check(words_of(result, *server_.check, server_.tls != nullptr, rise_fall_));
  if (change == RiseFall::Change::kWentUp) {
    went_up(fmt::format("{} ({} in a row)", result.reason, counted(streak, "passed check")));
  } else if (change == RiseFall::Change::kWentDown) {
    went_down(fmt::format("{} ({} in a row)", result.reason, counted(streak, "failed check")));
  } else if (!passed || rise_fall_.state() == RiseFall::State::kUp) {
    reason_ = result.reason;
  }
  if (!passed && change == RiseFall::Change::kNone) {
    monitor_.log_.debug(fmt::format("server {}: check failed: {}", server_.state->text(), result.reason));
  }
  schedule(jittered(next_interval()));
}

void Watch::tell_check(const CheckWords& words) {
  const bool is_news =
      words.description != words_.description || words.health != words_.health || words.of != words_.of;
  words_ = words;
  if (is_news && monitor_.listener_ != nullptr)
    monitor_.listener_->on_check_changed(*server_.state, server_.backup, words);
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
  if (rise_fall_.suspected() != RiseFall::Change::kWentDown) return;
  words_ = {};
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

void Watch::went_up(const std::string& reason) {
  server_.state->connect_failures = 0;
  server_.state->server_errors = 0;
  server_.state->response_failures = 0;
  server_.state->up_since = monitor_.loop_.now();
  server_.state->health = backends::Health::kUp;
  since_ = monitor_.loop_.now();
  reason_ = reason;
  monitor_.log_.info(fmt::format("server {} is UP: {}; {}", server_.state->text(), reason,
                                 monitor_.backend_text(server_.state->backend)));
  monitor_.tell_change(server_, words_);
  monitor_.on_change(*server_.state->backend_state);
}

void Watch::went_down(const std::string& reason) {
  server_.state->health = backends::Health::kDown;
  since_ = monitor_.loop_.now();
  reason_ = reason;
  monitor_.log_.warn(fmt::format("server {} is DOWN: {}; {}", server_.state->text(), reason,
                                 monitor_.backend_text(server_.state->backend)));
  monitor_.tell_change(server_, words_);
  monitor_.on_change(*server_.state->backend_state);
  if (monitor_.servers_up(server_.state->backend) == 0 && !server_.state->backend_state->panics) {
    monitor_.log_.error(fmt::format("backend '{}' has no server up: its requests get 503 until one is back",
                                    server_.state->backend));
  }
}

ServerReport Watch::report(TimePoint now) const {
  const bool ejected = server_.state->is_up() && server_.state->is_ejected();
  return {ejected ? ejection_reason_ : reason_, std::chrono::duration_cast<Duration>(now - since_),
          last_check_, ejections_};
}

}  // namespace reseal::health
