#include "health/watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "health/http_probe.h"
#include "health/tcp_probe.h"

namespace reseal::health {
namespace {

constexpr Duration kFirstProbeWithin{200};
constexpr int kPercent = 100;

}  // namespace

Watch::Watch(Monitor& monitor, MonitoredServer server)
    : monitor_(monitor),
      server_(std::move(server)),
      rise_fall_(server_.check ? server_.check->rise : 1, server_.check ? server_.check->fall : 1, server_.state->is_up()),
      timer_(net::Timer::bind<&Watch::on_due>(this)),
      since_(monitor.loop_.now()),
      reason_(server_.check ? "initial state, not checked yet" : "not checked") {
  if (!server_.check) return;
  // Spread over the first moments, so that many servers are not all probed in the same instant.
  const Duration most = std::min(kFirstProbeWithin, server_.check->interval);
  schedule(Duration(monitor_.random_.below(static_cast<std::uint64_t>(most.count()) + 1)));
}

Watch::~Watch() { end_probe(); }

void Watch::update(MonitoredServer server) {
  // A probe under way borrows the settings that are about to change.
  const bool probing = probe_ != nullptr;
  end_probe();
  const bool checked_before = server_.check.has_value();
  if (server_.tls != server.tls) sessions_.forget();
  server_ = std::move(server);
  if (!server_.check) {
    timer_.stop();
    reason_ = "not checked";
    if (!rise_fall_.is_up()) {
      rise_fall_ = RiseFall(1, 1, true);
      went_up("its check was removed from the configuration");
    }
    return;
  }
  rise_fall_.set_thresholds(server_.check->rise, server_.check->fall);
  if (probing || !checked_before) {
    begin_probe();
  } else {
    schedule(jittered(std::min(next_interval(), kFirstProbeWithin * 5)));
  }
}

// ---- schedule

Duration Watch::next_interval() const {
  switch (rise_fall_.state()) {
    case RiseFall::State::kUp: return server_.check->interval;
    case RiseFall::State::kDown: return server_.check->down_interval;
    case RiseFall::State::kFalling:
    case RiseFall::State::kRising: return server_.check->fast_interval;
  }
  return server_.check->interval;
}

Duration Watch::jittered(Duration interval) const {
  const auto span = static_cast<std::uint64_t>(interval.count() * server_.check->jitter_percent / kPercent);
  if (span == 0) return interval;
  const auto offset = static_cast<std::int64_t>(monitor_.random_.below(2 * span + 1)) - static_cast<std::int64_t>(span);
  return interval + Duration(offset);
}

void Watch::schedule(Duration after) { monitor_.loop_.start_irregular_timer(timer_, after); }

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

void Watch::begin_probe() {
  end_probe();
  if (server_.check->kind == config::CheckKind::kTcp) {
    probe_ = std::make_unique<TcpProbe>(monitor_.loop_, server_.check->timeout, *this);
  } else {
    probe_ = std::make_unique<HttpProbe>(monitor_.loop_, *server_.check, server_.host, *this);
  }
  probe_->start({server_.state->address, server_.tls, &server_.peer, &sessions_});
}

void Watch::end_probe() {
  timer_.stop();
  if (probe_ == nullptr) return;
  probe_->close();
  monitor_.loop_.bury(std::move(probe_));
}

// ---- results

void Watch::on_probe_done(const ProbeResult& result) {
  monitor_.loop_.bury(std::move(probe_));
  last_check_ = fmt::format("{} in {:.1f} ms", result.reason, static_cast<double>(result.latency.count()) / 1000.0);
  const int streak = rise_fall_.streak() + 1;
  const RiseFall::Change change = result.ok ? rise_fall_.passed() : rise_fall_.failed();
  if (change == RiseFall::Change::kWentUp) {
    went_up(fmt::format("{} ({} passed check{} in a row)", result.reason, streak, streak == 1 ? "" : "s"));
  } else if (change == RiseFall::Change::kWentDown) {
    went_down(fmt::format("{} ({} failed check{} in a row)", result.reason, streak, streak == 1 ? "" : "s"));
  } else if (!result.ok || rise_fall_.state() == RiseFall::State::kUp) {
    reason_ = result.reason;
  }
  if (!result.ok && change == RiseFall::Change::kNone) {
    monitor_.log_.debug(fmt::format("server {}: check failed: {}", server_.state->text(), result.reason));
  }
  schedule(jittered(next_interval()));
}

void Watch::suspected(const std::string& reason) {
  if (rise_fall_.suspected() != RiseFall::Change::kWentDown) return;
  went_down(reason);
  // The check decides when it is back, and it is asked soon.
  if (server_.check) {
    if (probe_ == nullptr) schedule(jittered(server_.check->fast_interval));
  } else {
    schedule(server_.passive.hold);
  }
}

void Watch::went_up(const std::string& reason) {
  server_.state->connect_failures = 0;
  server_.state->server_errors = 0;
  server_.state->health = backends::Health::kUp;
  since_ = monitor_.loop_.now();
  reason_ = reason;
  monitor_.log_.info(fmt::format("server {} is UP: {}; {}", server_.state->text(), reason,
                                 monitor_.backend_text(server_.state->backend)));
}

void Watch::went_down(const std::string& reason) {
  server_.state->health = backends::Health::kDown;
  since_ = monitor_.loop_.now();
  reason_ = reason;
  monitor_.log_.warn(fmt::format("server {} is DOWN: {}; {}", server_.state->text(), reason,
                                 monitor_.backend_text(server_.state->backend)));
  if (monitor_.servers_up(server_.state->backend) == 0) {
    monitor_.log_.error(fmt::format("backend '{}' has no server up: its requests get 503 until one is back",
                                    server_.state->backend));
  }
}

ServerReport Watch::report(TimePoint now) const {
  return {reason_, std::chrono::duration_cast<Duration>(now - since_), last_check_};
}

}  // namespace reseal::health
