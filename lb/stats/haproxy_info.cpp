#include "lb/stats/haproxy_info.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace reseal::stats {
namespace {

struct Field {
  FieldFacts facts;
  std::string_view description;
};

constexpr std::array kFields = {
    Field{{0, "Name", "POS", "str"}, "Always HAProxy: tools look for it"},
    Field{{1, "Version", "POS", "str"}, "HAProxy version whose language is spoken, then that of reseal"},
    Field{{2, "Release_date", "POS", "str"}, "Day on which it was built"},
    Field{{3, "Nbthread", "CGS", "u32"}, "Worker threads"},
    Field{{4, "Nbproc", "CGS", "u32"}, "Always 1"},
    Field{{5, "Process_num", "KGP", "u32"}, "Always 1"},
    Field{{6, "Pid", "SGP", "u32"}, "Number of the process"},
    Field{{7, "Uptime", "MDP", "str"}, "Time since the start"},
    Field{{8, "Uptime_sec", "MDP", "u32"}, "Seconds since the start"},
    Field{{9, "Memmax_MB", "CLP", "u32"}, "Always 0: memory is not limited"},
    Field{{10, "PoolAlloc_MB", "MGP", "u32"}, "Always 0: there are no pools of this kind"},
    Field{{11, "PoolUsed_MB", "MGP", "u32"}, "Always 0: there are no pools of this kind"},
    Field{{12, "PoolFailed", "MCP", "u32"}, "Always 0: there are no pools of this kind"},
    Field{{13, "Ulimit-n", "CLP", "u32"}, "Limit on open files"},
    Field{{14, "Maxsock", "CLP", "u32"}, "Limit on open files"},
    Field{{15, "Maxconn", "CLP", "u32"}, "Most client connections"},
    Field{{16, "Hard_maxconn", "CLP", "u32"}, "Most client connections"},
    Field{{17, "CurrConns", "MGP", "u32"}, "Client connections open now"},
    Field{{18, "CumConns", "MCP", "u32"}, "Client connections accepted"},
    Field{{19, "CumReq", "MCP", "u32"}, "Requests begun"},
    Field{{20, "MaxSslConns", "MMP", "u32"}, "Always 0: not limited apart"},
    Field{{21, "CurrSslConns", "MGP", "u32"}, "Always 0: not counted apart"},
    Field{{22, "CumSslConns", "MCP", "u32"}, "TLS handshakes, with clients and servers"},
    Field{{23, "Maxpipes", "CLP", "u32"}, "Always 0: not limited apart"},
    Field{{24, "PipesUsed", "MGP", "u32"}, "Always 0: not counted"},
    Field{{25, "PipesFree", "MGP", "u32"}, "Always 0: not counted"},
    Field{{26, "ConnRate", "MRP", "u32"}, "Client connections of the last second"},
    Field{{27, "ConnRateLimit", "CLP", "u32"}, "Always 0: not limited"},
    Field{{28, "MaxConnRate", "MMP", "u32"}, "Sum of the highest ConnRate of each frontend"},
    Field{{29, "SessRate", "MRP", "u32"}, "As ConnRate"},
    Field{{30, "SessRateLimit", "CLP", "u32"}, "Always 0: not limited"},
    Field{{31, "MaxSessRate", "MRP", "u32"}, "As MaxConnRate"},
    Field{{32, "SslRate", "MRP", "u32"}, "Always 0: not measured"},
    Field{{33, "SslRateLimit", "CLP", "u32"}, "Always 0: not limited"},
    Field{{34, "MaxSslRate", "MMP", "u32"}, "Always 0: not measured"},
    Field{{35, "SslFrontendKeyRate", "MGP", "u32"}, "Always 0: not measured"},
    Field{{36, "SslFrontendMaxKeyRate", "MMP", "u32"}, "Always 0: not measured"},
    Field{{37, "SslFrontendSessionReuse_pct", "MGP", "u32"},
          "Percent of the handshakes with clients that were resumed"},
    Field{{38, "SslBackendKeyRate", "MRP", "u32"}, "Always 0: not measured"},
    Field{{39, "SslBackendMaxKeyRate", "MMP", "u32"}, "Always 0: not measured"},
    Field{{40, "SslCacheLookups", "MCP", "u32"}, "Always 0: sessions are kept in tickets"},
    Field{{41, "SslCacheMisses", "MCP", "u32"}, "Always 0: sessions are kept in tickets"},
    Field{{42, "CompressBpsIn", "MRP", "u32"}, "Always 0: not measured"},
    Field{{43, "CompressBpsOut", "MRP", "u32"}, "Always 0: not measured"},
    Field{{44, "CompressBpsRateLim", "CLP", "u32"}, "Always 0: not limited"},
    Field{{47, "Tasks", "MGP", "u32"}, "Requests and connections under way"},
    Field{{48, "Run_queue", "MGP", "u32"}, "Always 0: there is no such queue"},
    Field{{49, "Idle_pct", "MaP", "u32"}, "Percent of the last second that the workers had nothing to do"},
    Field{{50, "node", "COS", "str"}, "Name of the node"},
    Field{{51, "description", "COS", "str"}, "Description of the process"},
    Field{{52, "Stopping", "MGP", "u32"}, "1 while the process drains"},
    Field{{53, "Jobs", "MGP", "u32"}, "Client connections and listeners"},
    Field{{54, "Unstoppable Jobs", "MGP", "u32"}, "Always 0"},
    Field{{55, "Listeners", "MGP", "u32"}, "Addresses listened on"},
    Field{{56, "ActivePeers", "MGP", "u32"}, "Always 0: there are no peers"},
    Field{{57, "ConnectedPeers", "MGP", "u32"}, "Always 0: there are no peers"},
    Field{{58, "DroppedLogs", "MGP", "u32"}, "Lines of logs that were lost"},
    Field{{59, "BusyPolling", "MGP", "u32"}, "Always 0"},
    Field{{60, "FailedResolutions", "MGP", "u32"},
          "Always 0: names are resolved at the start and at reloads"},
    Field{{61, "TotalBytesOut", "MGP", "u64"}, "Bytes sent to clients"},
    Field{{62, "TotalSplicdedBytesOut", "MGP", "u64"}, "Bytes that passed between two sockets unread"},
    Field{{63, "BytesOutRate", "MRP", "u64"}, "Always 0: not measured"},
    Field{{64, "DebugCommandsIssued", "MGP", "u32"}, "Always 0"},
    Field{{65, "CumRecvLogs", "MCP", "u32"}, "Always 0"},
    Field{{66, "Build info", "POS", "str"}, "As Version"},
    Field{{67, "Memmax_bytes", "CLP", "u32"}, "Always 0: memory is not limited"},
    Field{{68, "PoolAlloc_bytes", "MGP", "u64"}, "Always 0: there are no pools of this kind"},
    Field{{69, "PoolUsed_bytes", "MGP", "u64"}, "Always 0: there are no pools of this kind"},
    Field{{70, "Start_time_sec", "MDP", "u32"}, "When the process started, in seconds of Unix time"},
    Field{{71, "Tainted", "SGP", "str"}, "Always 0"},
};

/// "0d 0h01m30s".
std::string uptime_text(std::uint64_t seconds) {
  return fmt::format("{}d {}h{:02}m{:02}s", seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60,
                     seconds % 60);
}

void add_process(const Snapshot& snapshot, InfoValues& values) {
  const ProcessFacts& process = snapshot.process;
  const auto uptime = static_cast<std::uint64_t>(snapshot.uptime_seconds);
  values["Name"] = "HAProxy";
  values["Version"] = values["Build info"] = process.haproxy_version;
  values["Release_date"] = process.built;
  values["Nbthread"] = static_cast<std::uint64_t>(snapshot.workers);
  values["Nbproc"] = values["Process_num"] = std::uint64_t{1};
  values["Pid"] = static_cast<std::uint64_t>(process.pid);
  values["Uptime"] = uptime_text(uptime);
  values["Uptime_sec"] = uptime;
  values["Ulimit-n"] = values["Maxsock"] = process.descriptors;
  values["Maxconn"] = values["Hard_maxconn"] = process.most_connections;
  values["CurrConns"] = process.connections;
  values["Idle_pct"] = static_cast<std::uint64_t>(process.idle_percent);
  values["node"] = process.node;
  if (!process.description.empty()) values["description"] = process.description;
  values["Stopping"] = std::uint64_t{process.is_stopping ? 1U : 0U};
  values["Jobs"] = process.connections + process.listeners;
  values["Listeners"] = process.listeners;
  values["Start_time_sec"] = static_cast<std::uint64_t>(process.started);
  values["Tainted"] = "0";
  std::uint64_t lost = 0;
  for (const AccessLogSnapshot& log : snapshot.access_logs) lost += log.dropped + log.failed;
  values["DroppedLogs"] = lost;
}

/// What the frontends and backends come to.
void add_traffic(const Snapshot& snapshot, InfoValues& values) {
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t spliced = 0;
  std::uint64_t full = 0;
  std::uint64_t resumed = 0;
  std::uint64_t server_handshakes = 0;
  std::uint64_t highest_rate = 0;
  std::int64_t in_flight = 0;
  double rate = 0;
  for (const EntitySnapshot& entity : snapshot.entities) {
    const TrafficTotals counted = entity.counted();
    if (entity.kind == EntityKind::kBackend)
      server_handshakes += counted.handshakes_full + counted.handshakes_resumed;
    if (entity.kind != EntityKind::kFrontend) continue;
    connections += counted.connections;
    requests += counted.requests;
    bytes_out += counted.bytes_out + counted.head_bytes_out;
    spliced += counted.bytes_spliced;
    full += counted.handshakes_full;
    resumed += counted.handshakes_resumed;
    in_flight += counted.in_flight;
    rate += entity.facts.connections_a_second;
    highest_rate += entity.facts.highest_connection_rate;
  }
  values["CumConns"] = connections;
  values["CumReq"] = requests;
  values["TotalBytesOut"] = bytes_out;
  values["TotalSplicdedBytesOut"] = spliced;
  values["CumSslConns"] = full + resumed + server_handshakes;
  values["SslFrontendSessionReuse_pct"] = full + resumed == 0 ? 0 : resumed * 100 / (full + resumed);
  values["ConnRate"] = values["SessRate"] = static_cast<std::uint64_t>(std::lround(rate));
  values["MaxConnRate"] = values["MaxSessRate"] = highest_rate;
  values["Tasks"] = snapshot.process.connections + static_cast<std::uint64_t>(in_flight > 0 ? in_flight : 0);
}

std::string json_text(const InfoValues& values) {
  auto all = nlohmann::ordered_json::array();
  for (const Field& field : kFields) {
    const auto found = values.find(field.facts.name);
    nlohmann::ordered_json item;
    add_typed_members(item, field.facts, found != values.end() ? found->second : StatValue(std::uint64_t{0}));
    all.push_back(std::move(item));
  }
  return all.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

InfoValues info_values(const Snapshot& snapshot) {
  InfoValues values;
  add_process(snapshot, values);
  add_traffic(snapshot, values);
  return values;
}

std::string info_text(const Snapshot& snapshot, InfoForm form, bool described) {
  const InfoValues values = info_values(snapshot);
  if (form == InfoForm::kJson) return json_text(values);
  std::string out;
  for (const Field& field : kFields) {
    const auto found = values.find(field.facts.name);
    // Without a `description` HAProxy leaves that line out.
    if (found == values.end() && field.facts.name == "description") continue;
    const StatValue& value = found != values.end() ? found->second : StatValue(std::uint64_t{0});
    if (form == InfoForm::kTyped) {
      append_typed(out, field.facts, value);
    } else {
      out += fmt::format("{}: {}\n", field.facts.name, text_of(value));
    }
    if (described) out.insert(out.size() - 1, fmt::format(":\"{}\"", field.description));
  }
  return out;
}

}  // namespace reseal::stats
