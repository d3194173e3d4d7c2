// The commands of HAProxy's runtime API that show figures.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>

#include "lb/admin/cli_command.h"
#include "lb/base/text.h"
#include "lb/stats/haproxy_info.h"
#include "lb/stats/haproxy_stat.h"

namespace reseal::admin {
namespace {

/// A whole number, with a minus before it or not.
std::optional<int> number_of(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const auto number = parse_decimal(text);
  constexpr std::uint64_t kMost = 0x7fffffff;
  if (!number || *number > kMost) return std::nullopt;
  return is_negative ? -static_cast<int>(*number) : static_cast<int>(*number);
}

/// The number of the proxy of that name; 0 if there is none.
int proxy_number(const stats::Snapshot& snapshot, std::string_view name) {
  for (const stats::EntitySnapshot& entity : snapshot.entities) {
    if (entity.kind != stats::EntityKind::kServer && entity.name == name) return entity.facts.proxy;
  }
  return 0;
}

const stats::EntitySnapshot* find_backend(const stats::Snapshot& snapshot, std::string_view name) {
  for (const stats::EntitySnapshot& entity : snapshot.entities) {
    if (entity.kind == stats::EntityKind::kBackend && entity.name == name) return &entity;
  }
  return nullptr;
}

/// Calls `visit` for every server, or those of one backend; false if there is no such backend.
template <class Visit>
bool for_each_server(const stats::Snapshot& snapshot, std::string_view backend, Visit visit) {
  if (!backend.empty() && find_backend(snapshot, backend) == nullptr) return false;
  for (const stats::EntitySnapshot& entity : snapshot.entities) {
    if (entity.kind != stats::EntityKind::kServer) continue;
    if (backend.empty() || entity.backend == backend) visit(entity);
  }
  return true;
}

CliReply no_such_backend() {
  return message(Severity::kError, "Can't find backend.");
}

struct HostPort {
  std::string_view host, port;
};
HostPort split(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return {address, "0"};
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {host, address.substr(colon + 1)};
}

/// HAProxy's numbers of results (srv_check_status of its server state file).
int check_code(std::string_view word) {
  static constexpr std::array<std::string_view, 18> kWords = {
      "UNK",  "INI",    "",      "",       "",      "SOCKERR", "L4OK", "L4TOUT", "L4CON",
      "L6OK", "L6TOUT", "L6RSP", "L7TOUT", "L7RSP", "",        "L7OK", "L7OKC",  "L7STS"};
  if (word.empty()) return 1;
  const auto* const found = std::ranges::find(kWords, word);
  return found == kWords.end() ? 0 : static_cast<int>(found - kWords.begin());
}

/// HAProxy's numbers of what a server does (srv_op_state).
int operation_of(const stats::EntitySnapshot& server) {
  constexpr int kStopped = 0;
  constexpr int kRunning = 2;
  constexpr int kStopping = 3;
  if (server.state == "down" || server.state == "maint") return kStopped;
  return server.state == "draining" ? kStopping : kRunning;
}

std::string state_line(const stats::EntitySnapshot& server) {
  constexpr int kFailed = 2;
  constexpr int kPassed = 3;
  constexpr int kPassedConditionally = 4;
  constexpr int kCheckEnabled = 6;
  constexpr int kCheckPaused = 8;
  constexpr int kMaintenance = 5;  // as the configuration says
  const stats::ProxyFacts& facts = server.facts;
  const stats::CheckFacts& check = facts.check;
  const HostPort address = split(server.address);
  const bool in_maintenance = server.state == "maint";
  const int passed = server.state == "draining" ? kPassedConditionally : kPassed;
  const bool has_result = facts.is_checked && !check.word.empty() && !in_maintenance;
  const int result = !has_result ? 0 : check.passed ? passed : kFailed;
  const int check_state = (facts.is_checked ? kCheckEnabled : 0) + (in_maintenance ? kCheckPaused : 0);
  return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {} 0 0 0 - {} - {} 0 - - 0\n", facts.proxy,
                     server.backend, facts.server, server.name, address.host, operation_of(server),
                     in_maintenance ? kMaintenance : 0, server.weight, server.configured_weight,
                     facts.seconds_in_state, has_result ? check_code(check.word) : 1, result,
                     in_maintenance ? 0 : check.points, check_state, address.port, facts.is_secured ? 1 : 0);
}

}  // namespace

CliReply show_info(CliCall& call) {
  const auto form = call.has_argument("json")    ? stats::InfoForm::kJson
                    : call.has_argument("typed") ? stats::InfoForm::kTyped
                                                 : stats::InfoForm::kPlain;
  return {stats::info_text(call.control.snapshot(), form, call.has_argument("desc"))};
}

CliReply show_stat(CliCall& call) {
  const stats::Snapshot snapshot = call.control.snapshot();
  stats::StatWish wish;
  wish.legends = call.state.level >= config::AccessLevel::kOperator;
  wish.only_up = call.has_argument("up");
  wish.no_maint = call.has_argument("no-maint");
  const auto kinds = number_of(call.argument(1));
  const auto server = number_of(call.argument(2));
  if (call.arguments.size() >= 3 && kinds && server) {
    const auto number = number_of(call.argument(0));
    wish.proxy = number ? *number : proxy_number(snapshot, call.argument(0));
    if (wish.proxy == 0) return message(Severity::kError, "No such proxy.");
    wish.kinds = static_cast<unsigned>(*kinds);
    wish.server = *server;
  }
  const auto rows = stats::stat_rows(snapshot, wish);
  if (call.has_argument("json")) return {stats::stat_json(rows) + "\n"};
  return {call.has_argument("typed") ? stats::stat_typed(rows) : stats::stat_csv(rows)};
}

CliReply show_servers_state(CliCall& call) {
  std::string text =
      "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
      "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state "
      "srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port "
      "srv_check_addr srv_agent_addr srv_agent_port\n";
  const bool found =
      for_each_server(call.control.snapshot(), call.argument(0),
                      [&](const stats::EntitySnapshot& server) { text += state_line(server); });
  return found ? CliReply{std::move(text)} : no_such_backend();
}

CliReply show_servers_conn(CliCall& call) {
  // HAProxy lists the idle connections of each thread behind their sum; here only the sum is known.
  std::string text =
      "# bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb "
      "idle_lim "
      "idle_cur idle_per_thr[0]\n";
  const bool found =
      for_each_server(call.control.snapshot(), call.argument(0), [&](const stats::EntitySnapshot& server) {
        const stats::TrafficTotals counted = server.counted();
        const HostPort address = split(server.address);
        const std::int64_t idle = counted.idle_connections;
        fmt::format_to(std::back_inserter(text), "{}/{} {}/{} {} {} - 0 {} {} {} {} 0 -1 {}\n",
                       server.backend, server.name, server.facts.proxy, server.facts.server, address.host,
                       address.port, std::max<std::int64_t>(counted.open_connections - idle, 0),
                       counted.most_connections, counted.most_connections, idle, idle);
      });
  return found ? CliReply{std::move(text)} : no_such_backend();
}

CliReply show_backend(CliCall& call) {
  // In the order of the numbers; a `listen` without servers has a backend too.
  std::map<int, std::string> names;
  for (const stats::EntitySnapshot& entity : call.control.snapshot().entities) {
    const bool has_backend = entity.kind == stats::EntityKind::kBackend ||
                             (entity.kind == stats::EntityKind::kFrontend && entity.facts.is_listen);
    if (has_backend) names[entity.facts.proxy] = entity.name;
  }
  std::string text = "# name\n";
  for (const auto& [number, name] : names) text += name + "\n";
  return {std::move(text)};
}

CliReply get_weight(CliCall& call) {
  const std::string_view name = call.argument(0);
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos) return message(Severity::kError, "Require 'backend/server'.");
  const stats::Snapshot snapshot = call.control.snapshot();
  const std::string_view backend = name.substr(0, slash);
  if (find_backend(snapshot, backend) == nullptr) return message(Severity::kError, "No such backend.");
  CliReply reply = message(Severity::kError, "No such server.");
  for_each_server(snapshot, backend, [&](const stats::EntitySnapshot& server) {
    if (server.name == name.substr(slash + 1))
      reply =
          message(Severity::kInfo, fmt::format("{} (initial {})", server.weight, server.configured_weight));
  });
  return reply;
}

CliReply show_sess(CliCall& call) {
  std::int64_t requests = 0;
  const stats::Snapshot snapshot = call.control.snapshot();
  for (const stats::EntitySnapshot& entity : snapshot.entities) {
    if (entity.kind == stats::EntityKind::kFrontend) requests += entity.totals.in_flight;
  }
  return {fmt::format("# reseal keeps no list of its sessions; {} under way on {} of clients\n",
                      counted(static_cast<std::uint64_t>(std::max<std::int64_t>(requests, 0)), "request"),
                      counted(snapshot.process.connections, "connection"))};
}

}  // namespace reseal::admin
