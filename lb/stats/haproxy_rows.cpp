// What stands in the columns of HAProxy's statistics.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "lb/stats/haproxy_stat.h"

namespace reseal::stats {
namespace {

using C = Column;

/// Fills one row.
class RowWriter {
 public:
  RowWriter(StatRow& row, const StatWish& wish) : row_(row), wish_(wish) {}

  void text(C column, std::string value) { at(column) = std::move(value); }
  void number(C column, std::uint64_t value) { at(column) = value; }
  void number(C column, std::int64_t value) {
    at(column) = static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
  }
  void number(C column, int value) { number(column, std::int64_t{value}); }
  void rate(C column, double value) { number(column, static_cast<std::uint64_t>(std::lround(value))); }
  void signed_number(C column, std::int64_t value) { at(column) = value; }
  void legend(C column, const std::string& value) {
    if (wish_.legends && !value.empty()) text(column, value);
  }
  void zeros(std::initializer_list<C> columns) {
    for (const C column : columns) number(column, 0);
  }

 private:
  StatValue& at(C column) { return row_.values[static_cast<std::size_t>(column)]; }
  StatRow& row_;
  const StatWish& wish_;
};

/// What every kind of row has.
void add_common(RowWriter& out, const EntitySnapshot& entity, const TrafficTotals& counted) {
  out.number(C::kBin, counted.bytes_in + counted.head_bytes_in);
  out.number(C::kBout, counted.bytes_out + counted.head_bytes_out);
  out.number(C::kDresp, counted.failed_by({Code::kResponseDenied}));
  out.number(C::kPid, 1);
  out.number(C::kIid, entity.facts.proxy);
  out.number(C::kSid, entity.facts.server);
  out.text(C::kMode, entity.facts.is_tcp ? "tcp" : "http");
  out.number(C::kWrew, 0);
  out.number(C::kEint, counted.failed_by({Code::kOutOfDescriptors, Code::kIo, Code::kInternal}));
}

void add_responses(RowWriter& out, const TrafficTotals& counted) {
  constexpr std::array kClasses = {C::kHrspOther, C::kHrsp1xx, C::kHrsp2xx,
                                   C::kHrsp3xx,   C::kHrsp4xx, C::kHrsp5xx};
  // A request that nobody answered has no status, and is of no class with HAProxy either.
  out.number(C::kHrspOther, 0);
  for (std::size_t i = 1; i < kClasses.size(); ++i) out.number(kClasses[i], counted.responses[i]);
}

/// What backends and servers have.
void add_service(RowWriter& out, const EntitySnapshot& entity, const TrafficTotals& counted, TimePoint now) {
  out.number(C::kScur, counted.in_flight);
  out.number(C::kSmax, counted.most_in_flight);
  out.number(C::kStot, counted.requests);
  out.number(C::kEresp, counted.response_errors);
  out.number(C::kWretr, counted.repeats);
  out.number(C::kWredis, counted.moved_away);
  out.number(C::kLastchg, entity.facts.seconds_in_state);
  out.number(C::kLbtot, counted.requests);
  out.rate(C::kRate, entity.qps_1s);
  out.number(C::kRateMax, entity.facts.highest_request_rate);
  out.number(C::kCliAbrt, counted.failed_by({Code::kClientGone, Code::kClientTimeout}));
  out.number(C::kSrvAbrt, counted.failed_by({Code::kServerTruncated}));
  const bool was_used = counted.last_request != TimePoint();
  const auto ago = std::chrono::duration_cast<std::chrono::seconds>(now - counted.last_request);
  out.signed_number(C::kLastsess, was_used ? std::max<std::int64_t>(ago.count(), 0) : -1);
  constexpr std::array kMeans = {C::kQtime, C::kCtime, C::kRtime, C::kTtime};
  constexpr std::array kLongest = {C::kQtimeMax, C::kCtimeMax, C::kRtimeMax, C::kTtimeMax};
  for (std::size_t i = 0; i < kMeans.size(); ++i) {
    out.number(kMeans[i], counted.times.mean_milliseconds(i));
    out.number(kLongest[i], counted.times.longest_milliseconds(i));
  }
  out.number(C::kConnect, counted.connections + counted.connect_errors);
  out.number(C::kReuse, counted.reuses);
  if (entity.facts.is_tcp) return;
  add_responses(out, counted);
  // A server gets a request once there is a connection to it.
  const bool is_server = entity.kind == EntityKind::kServer;
  const std::uint64_t lost = is_server ? std::min(counted.requests, counted.connect_errors) : 0;
  out.number(C::kReqTot, counted.requests - lost);
}

void write_frontend(RowWriter& out, const EntitySnapshot& entity, const Snapshot& snapshot) {
  const TrafficTotals counted = entity.counted();
  const ProxyFacts& facts = entity.facts;
  add_common(out, entity, counted);
  out.text(C::kPxname, entity.name);
  out.text(C::kSvname, "FRONTEND");
  out.text(C::kStatus, snapshot.process.is_stopping ? "STOP" : "OPEN");
  out.number(C::kScur, counted.open_connections);
  out.number(C::kSmax, counted.most_connections);
  out.number(C::kSlim, facts.limit != 0 ? facts.limit : snapshot.process.most_connections);
  out.number(C::kStot, counted.connections);
  const std::uint64_t denied = counted.failed_by({Code::kRequestDenied});
  const std::uint64_t refused = counted.refused_connections + counted.refused_sessions;
  out.number(C::kDreq, denied - std::min(denied, refused));
  out.number(C::kDcon, counted.refused_connections);
  out.number(C::kDses, counted.refused_sessions);
  out.number(C::kEreq,
             counted.failed_by({Code::kBadRequest, Code::kAmbiguousRequest, Code::kHeadTooLarge,
                                Code::kTargetTooLong, Code::kMethodRefused, Code::kVersionRefused,
                                Code::kExpectationRefused, Code::kCodingRefused, Code::kClientTimeout}));
  out.rate(C::kRate, facts.connections_a_second);
  out.number(C::kRateMax, facts.highest_connection_rate);
  out.rate(C::kConnRate, facts.connections_a_second);
  out.number(C::kConnRateMax, facts.highest_connection_rate);
  out.number(C::kConnTot, counted.connections);
  out.zeros({C::kType, C::kRateLim});
  out.number(C::kIntercepted, counted.intercepted);
  out.rate(C::kReqRate, facts.is_tcp ? 0 : entity.qps_1s);
  out.number(C::kReqRateMax, facts.is_tcp ? 0 : facts.highest_request_rate);
  out.number(C::kReqTot, facts.is_tcp ? 0 : counted.requests);
  out.zeros({C::kCompIn, C::kCompOut, C::kCompByp, C::kCompRsp});
  if (facts.is_tcp) return;
  add_responses(out, counted);
  out.zeros({C::kCacheLookups, C::kCacheHits});
}

/// "UP 1/3": how many failed checks it is from DOWN, while there are some; "DOWN 1/2": how many passed ones from UP.
std::string server_status(const EntitySnapshot& server) {
  const CheckFacts& check = server.facts.check;
  if (server.state == "ejected") return "NOLB";
  const bool falls = server.facts.is_checked && check.points < check.rise + check.fall - 1;
  const bool agent_is_down = server.facts.has_agent && server.facts.agent.points == 0;
  if (server.state == "draining" && server.facts.has_agent) return "DRAIN (agent)";
  if (server.state == "draining")
    return falls ? fmt::format("NOLB {}/{}", check.points - check.rise + 1, check.fall) : "NOLB";
  if (server.state == "down") {
    if (agent_is_down) return "DOWN (agent)";
    const bool rises = server.facts.is_checked && check.points > 0;
    return rises ? fmt::format("DOWN {}/{}", check.points, check.rise) : "DOWN";
  }
  if (server.state == "maint") return server.facts.is_unresolved ? "MAINT (resolution)" : "MAINT";
  if (!server.facts.is_checked && server.facts.tracked.empty()) return "no check";
  if (!falls) return "UP";
  return fmt::format("UP {}/{}", check.points - check.rise + 1, check.fall);
}

void add_server_check(RowWriter& out, const EntitySnapshot& entity) {
  const CheckFacts& check = entity.facts.check;
  out.number(C::kChkfail, check.failed);
  out.number(C::kChkdown, entity.facts.downs);
  out.number(C::kDowntime, entity.facts.seconds_down);
  if (entity.state == "maint") return;  // none is made
  out.text(C::kCheckStatus, check.word.empty() ? "INI" : check.word);
  if (check.code) out.number(C::kCheckCode, *check.code);
  if (!check.word.empty()) out.number(C::kCheckDuration, check.milliseconds);
  out.text(C::kCheckDesc, check.word.empty() ? "Initializing" : check.description);
  out.text(C::kLastChk, check.detail);
  out.number(C::kCheckRise, check.rise);
  out.number(C::kCheckFall, check.fall);
  out.number(C::kCheckHealth, check.points);
}

void add_agent(RowWriter& out, const EntitySnapshot& entity) {
  const CheckFacts& agent = entity.facts.agent;
  out.text(C::kAgentStatus, agent.word.empty() ? "INI" : agent.word);
  if (agent.code) out.number(C::kAgentCode, *agent.code);
  if (!agent.word.empty()) out.number(C::kAgentDuration, agent.milliseconds);
  out.text(C::kAgentDesc, agent.word.empty() ? "Initializing" : agent.description);
  out.text(C::kLastAgt, agent.detail);
  out.number(C::kAgentRise, agent.rise);
  out.number(C::kAgentFall, agent.fall);
  out.number(C::kAgentHealth, agent.points);
}

void write_server(RowWriter& out, const EntitySnapshot& entity, const Snapshot& snapshot) {
  const TrafficTotals counted = entity.counted();
  const ProxyFacts& facts = entity.facts;
  add_common(out, entity, counted);
  add_service(out, entity, counted, snapshot.taken);
  out.text(C::kPxname, entity.backend);
  out.text(C::kSvname, entity.name);
  out.text(C::kStatus, server_status(entity));
  out.zeros({C::kQcur, C::kQmax});  // requests wait for their backend, none for one server
  if (facts.limit != 0) out.number(C::kSlim, facts.limit);
  out.number(C::kEcon, counted.unconnected);
  out.number(C::kWeight, entity.weight);
  out.number(C::kUweight, entity.weight);
  out.number(C::kAct, entity.backup ? 0 : 1);
  out.number(C::kBck, entity.backup ? 1 : 0);
  out.number(C::kType, 2);
  if (facts.is_checked) add_server_check(out, entity);
  if (facts.has_agent) add_agent(out, entity);
  if (!facts.tracked.empty()) out.text(C::kTracked, facts.tracked);
  if (facts.throttle != 0) out.number(C::kThrottle, facts.throttle);
  out.legend(C::kAddr, entity.address);
  out.legend(C::kCookie, facts.cookie);
  out.number(C::kSrvIcur, counted.idle_connections);
  out.number(C::kIdleConnCur, counted.idle_connections);
  out.number(C::kSafeConnCur, 0);
  out.number(C::kUsedConnCur, counted.open_connections - counted.idle_connections);
  out.number(C::kNeedConnEst, counted.most_connections);
}

/// What a backend's servers come to.
struct ServerSums {
  int weight = 0, active = 0, backup = 0;  ///< of those that serve
  int up = 0, all = 0;
};

ServerSums sums_of(std::span<const EntitySnapshot* const> servers) {
  ServerSums sums;
  int backup_weight = 0;
  for (const EntitySnapshot* server : servers) {
    ++sums.all;
    if (server->state != "up") continue;
    ++sums.up;
    if (server->weight == 0) continue;
    (server->backup ? sums.backup : sums.active) += 1;
    (server->backup ? backup_weight : sums.weight) += server->weight;
  }
  if (sums.active == 0) sums.weight = backup_weight;
  return sums;
}

std::string backend_status(const ServerSums& sums, const StatWish& wish) {
  const std::string_view word = sums.weight > 0 || sums.all == 0 ? "UP" : "DOWN";
  if (!wish.only_up && !wish.no_maint) return std::string(word);
  return fmt::format("{} ({}/{})", word, sums.up, sums.all);
}

void write_backend(RowWriter& out, const EntitySnapshot& entity,
                   std::span<const EntitySnapshot* const> servers, const Snapshot& snapshot,
                   const StatWish& wish) {
  const TrafficTotals counted = entity.counted();
  const ProxyFacts& facts = entity.facts;
  const ServerSums sums = sums_of(servers);
  add_common(out, entity, counted);
  add_service(out, entity, counted, snapshot.taken);
  out.text(C::kPxname, entity.name);
  out.text(C::kSvname, "BACKEND");
  out.text(C::kStatus, backend_status(sums, wish));
  out.number(C::kQcur, counted.in_queue);
  out.number(C::kQmax, counted.most_in_queue);
  if (facts.limit != 0) out.number(C::kSlim, facts.limit);
  out.number(C::kDreq, 0);
  out.number(C::kEcon, counted.unconnected +
                           counted.failed_by({Code::kNoServerUp, Code::kQueueFull, Code::kQueueTimeout}));
  out.number(C::kWeight, sums.weight);
  out.number(C::kUweight, sums.weight);
  out.number(C::kAct, sums.active);
  out.number(C::kBck, sums.backup);
  out.number(C::kChkdown, facts.downs);
  if (sums.all != 0) out.number(C::kDowntime, facts.seconds_down);
  // Requests that no server was found for were balanced to none.
  out.number(C::kLbtot, counted.requests - counted.failed_by({Code::kNoServerUp}) + counted.moved_away);
  out.number(C::kType, 1);
  out.legend(C::kCookie, facts.cookie);
  out.legend(C::kAlgo, facts.algorithm);
  out.number(C::kCompIn, counted.compression_bytes_in);
  out.number(C::kCompOut, counted.compression_bytes_out);
  out.number(C::kCompByp, 0);
  out.number(C::kCompRsp, counted.compressed_responses);
  out.zeros({C::kAggServerStatus, C::kAggServerCheckStatus, C::kAggCheckStatus});
  if (!facts.is_tcp) out.zeros({C::kCacheLookups, C::kCacheHits});
}

/// The rows that one number stands for.
struct Proxy {
  const EntitySnapshot* frontend = nullptr;
  const EntitySnapshot* backend = nullptr;
  std::vector<const EntitySnapshot*> servers;

  [[nodiscard]] const std::string& name() const { return (frontend != nullptr ? frontend : backend)->name; }
};

bool is_wanted(const Proxy& proxy, int number, const StatWish& wish) {
  if (wish.proxy != -1 && wish.proxy != number) return false;
  if (!wish.proxies.empty() && std::ranges::find(wish.proxies, proxy.name()) == wish.proxies.end())
    return false;
  return proxy.name().find(wish.scope) != std::string::npos;
}

bool is_wanted(const EntitySnapshot& server, const StatWish& wish) {
  if (wish.server != -1 && wish.server != server.facts.server) return false;
  if (wish.only_up && server.state != "up" && server.state != "draining") return false;
  return !wish.no_maint || server.state != "maint";
}

/// A `listen` without servers has a backend that does nothing.
EntitySnapshot empty_backend(const EntitySnapshot& frontend, double uptime) {
  EntitySnapshot backend;
  backend.kind = EntityKind::kBackend;
  backend.name = frontend.name;
  backend.facts = frontend.facts;
  backend.facts.limit = backend.facts.highest_request_rate = backend.facts.highest_connection_rate = 0;
  backend.facts.algorithm = "roundrobin";
  backend.facts.seconds_in_state = static_cast<std::uint64_t>(uptime);
  return backend;
}

std::map<int, Proxy> proxies_of(const Snapshot& snapshot) {
  std::map<int, Proxy> proxies;
  for (const EntitySnapshot& entity : snapshot.entities) {
    Proxy& proxy = proxies[entity.facts.proxy];
    if (entity.kind == EntityKind::kFrontend) {
      proxy.frontend = &entity;
    } else if (entity.kind == EntityKind::kBackend) {
      proxy.backend = &entity;
    } else {
      proxy.servers.push_back(&entity);
    }
  }
  return proxies;
}

}  // namespace

std::vector<StatRow> stat_rows(const Snapshot& snapshot, const StatWish& wish) {
  std::vector<StatRow> rows;
  const auto begin_row = [&](RowKind kind, const EntitySnapshot& entity) -> StatRow* {
    if ((wish.kinds & (1U << static_cast<unsigned>(kind))) == 0) return nullptr;
    return &rows.emplace_back(StatRow{kind, entity.facts.proxy, entity.facts.server});
  };
  for (const auto& [number, proxy] : proxies_of(snapshot)) {
    if (!is_wanted(proxy, number, wish)) continue;
    if (proxy.frontend != nullptr) {
      if (StatRow* row = begin_row(RowKind::kFrontend, *proxy.frontend)) {
        RowWriter out(*row, wish);
        write_frontend(out, *proxy.frontend, snapshot);
      }
    }
    for (const EntitySnapshot* server : proxy.servers) {
      if (!is_wanted(*server, wish)) continue;
      if (StatRow* row = begin_row(RowKind::kServer, *server)) {
        RowWriter out(*row, wish);
        write_server(out, *server, snapshot);
      }
    }
    const bool lacks_backend =
        proxy.backend == nullptr && proxy.frontend != nullptr && proxy.frontend->facts.is_listen;
    const EntitySnapshot made =
        lacks_backend ? empty_backend(*proxy.frontend, snapshot.uptime_seconds) : EntitySnapshot();
    const EntitySnapshot* backend = lacks_backend ? &made : proxy.backend;
    if (backend == nullptr) continue;
    if (StatRow* row = begin_row(RowKind::kBackend, *backend)) {
      RowWriter out(*row, wish);
      write_backend(out, *backend, proxy.servers, snapshot, wish);
    }
  }
  return rows;
}

}  // namespace reseal::stats
