#include "lb/runtime/proxy_facts.h"

#include <algorithm>

#include "backends/slow_start.h"

namespace reseal::runtime {
namespace {

std::uint64_t seconds(Duration time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.count()) / 1000);
}

std::uint64_t seconds_between(TimePoint from, TimePoint to) {
  return seconds(std::chrono::duration_cast<Duration>(to - from));
}

/// HAProxy's words.
std::string algorithm_text(const config::Balance& balance) {
  switch (balance.kind) {
    case config::BalanceKind::kLeastConnections:
      return "leastconn";
    case config::BalanceKind::kRandomOfTwo:
      return "random";
    case config::BalanceKind::kFirst:
      return "first";
    case config::BalanceKind::kHashSource:
      return "source";
    case config::BalanceKind::kHashHeader:
      return "hdr";
    case config::BalanceKind::kHashUri:
      return "uri";
    case config::BalanceKind::kHashParameter:
      return "url_param";
    case config::BalanceKind::kHashExpression:
      return "hash";
    case config::BalanceKind::kRoundRobin:
      break;
  }
  return "roundrobin";
}

bool is_tcp(const config::Configuration& configuration, const config::Backend& backend) {
  return backend.is_tcp ||
         std::ranges::any_of(configuration.frontends, [&](const config::Frontend& frontend) {
           return frontend.mode == config::Mode::kTcp && frontend.default_backend == backend.name;
         });
}

void add_check(const health::CheckHealth& health, const health::ProbeResult& last, stats::CheckFacts& check) {
  check.rise = health.rise;
  check.fall = health.fall;
  check.points = health.now;
  if (last.status == config::CheckStatus::kUnknown) return;
  check.word = config::word_of(last.status);
  check.description = config::description_of(last.status);
  check.detail = last.info;
  check.passed = config::is_pass(last.status);
  if (config::has_code(last.status)) check.code = last.code;
  check.milliseconds = static_cast<std::uint64_t>(last.latency.count() / 1000);
}

}  // namespace

int frontend_number(const config::Configuration& configuration, const config::Frontend& frontend) {
  if (frontend.number != 0) return frontend.number;
  return static_cast<int>(&frontend - configuration.frontends.data()) + 1;
}

int backend_number(const config::Configuration& configuration, const config::Backend& backend) {
  if (backend.number != 0) return backend.number;
  return static_cast<int>(configuration.frontends.size()) +
         static_cast<int>(&backend - configuration.backends.data()) + 1;
}

stats::ProxyFacts facts_of_frontend(const config::Configuration& configuration, std::size_t index) {
  const config::Frontend& frontend = configuration.frontends[index];
  stats::ProxyFacts facts;
  facts.proxy = frontend_number(configuration, frontend);
  facts.is_tcp = frontend.mode == config::Mode::kTcp;
  facts.is_listen = frontend.is_listen;
  return facts;
}

stats::ProxyFacts facts_of_backend(const config::Configuration& configuration, std::size_t index,
                                   const health::Availability& availability, TimePoint now) {
  const config::Backend& backend = configuration.backends[index];
  stats::ProxyFacts facts;
  facts.proxy = backend_number(configuration, configuration.backends[index]);
  facts.limit = static_cast<std::uint64_t>(backend.max_requests);
  facts.algorithm = algorithm_text(backend.balance);
  if (backend.persistence && backend.persistence->cookie) facts.cookie = backend.persistence->cookie->name;
  facts.downs = availability.downs;
  facts.seconds_down = seconds(availability.down_time(now));
  facts.seconds_in_state = seconds_between(availability.since, now);
  facts.is_tcp = is_tcp(configuration, backend);
  return facts;
}

stats::ProxyFacts facts_of_server(const config::Configuration& configuration, std::size_t index,
                                  std::size_t position, const backends::Server& server,
                                  const health::ServerReport& report, TimePoint now) {
  const config::Server& settings = configuration.backends[index].servers[position];
  stats::ProxyFacts facts;
  facts.proxy = backend_number(configuration, configuration.backends[index]);
  facts.server = settings.id != 0 ? settings.id : static_cast<int>(position + 1);
  facts.limit = server.state->requests.most();
  facts.is_tcp = is_tcp(configuration, configuration.backends[index]);
  facts.is_secured = server.tls != nullptr;
  facts.is_unresolved = server.state->unresolved;
  facts.downs = report.availability.downs;
  facts.seconds_down = seconds(report.availability.down_time(now));
  facts.seconds_in_state = seconds(report.since);
  facts.tracked = settings.options.tracks;
  const auto& check = settings.own_check ? settings.own_check->check : configuration.backends[index].check;
  facts.is_checked = check.has_value();
  facts.check.failed = report.failed_checks;
  if (report.health.rise > 0) add_check(report.health, report.last, facts.check);
  facts.has_agent = report.agent_health.rise > 0;
  if (facts.has_agent) add_check(report.agent_health, report.agent, facts.agent);
  const TimePoint up_since = server.state->up_since.load();
  const auto up_for = std::chrono::duration_cast<Duration>(now - up_since);
  if (up_since != TimePoint() && server.state->is_up() && up_for < server.slow_start) {
    facts.throttle = static_cast<int>(backends::slow_start_weight(1, up_for, server.slow_start));
  }
  return facts;
}

}  // namespace reseal::runtime
