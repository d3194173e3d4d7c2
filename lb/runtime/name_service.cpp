#include "lb/runtime/name_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "backends/address_choice.h"

namespace reseal::runtime {
namespace {

/// HAProxy's 1 to 256 of what a record tells.
std::uint32_t weight_of(const KnownAddress& known) {
  constexpr std::uint32_t kStep = 256;
  return known.weight / kStep + 1;
}

net::DnsSettings settings_of(const config::Resolvers& resolvers) {
  net::DnsSettings settings;
  settings.timeout = resolvers.timeout;
  settings.tries = resolvers.tries;
  settings.payload = resolvers.payload;
  for (const config::NameServer& server : resolvers.servers) {
    const auto where = net::split_host_port(server.address);
    if (!where) continue;  // validation has seen to it
    if (const auto address = net::Address::parse(where->host, where->port))
      settings.servers.push_back(*address);
  }
  return settings;
}

}  // namespace

void NameService::forget_weights(const Generation& next) {
  const auto takes_weight = [](const ResolvedServer& server) {
    return server.is_service && !server.keeps_weight;
  };
  for (const auto& [lookup, groups] : groups_) {
    for (const ResolvedServer& server : groups | std::views::join) {
      const bool goes_on = std::ranges::any_of(next.resolved(), [&](const ResolvedServer& other) {
        return other.state == server.state && takes_weight(other);
      });
      if (takes_weight(server) && !goes_on) server.state->weight = backends::kConfiguredWeight;
    }
  }
}

void NameService::use(const Generation& generation) {
  forget_weights(generation);
  groups_.clear();
  for (auto& [name, asked] : asked_) asked->client.reset();
  asked_.clear();
  for (const config::Resolvers& resolvers : generation.configuration().resolvers) {
    asked_[resolvers.name] = std::make_unique<Asked>(resolvers);
  }
  for (const ResolvedServer& server : generation.resolved()) {
    const auto found = asked_.find(server.resolvers);
    if (found == asked_.end()) continue;
    Asked& asked = *found->second;
    if (asked.client == nullptr)
      asked.client = std::make_unique<net::DnsClient>(loop_, settings_of(asked.settings));
    auto lookup =
        std::ranges::find(asked.lookups, server.host, [](const auto& each) { return each->name(); });
    if (lookup == asked.lookups.end()) {
      lookup = asked.lookups.insert(
          lookup, std::make_unique<NameLookup>(loop_, *asked.client, asked.settings, server.host,
                                               server.is_service, server.family == AF_INET6, *this));
    }
    auto& groups = groups_[lookup->get()];
    auto group = std::ranges::find_if(groups, [&](const Group& each) {
      return each.front().state->backend == server.state->backend && each.front().port == server.port;
    });
    if (group == groups.end()) group = groups.insert(group, Group());
    group->push_back(server);
  }
  for (auto& [name, asked] : asked_) {
    for (const auto& lookup : asked->lookups) lookup->start();
  }
}

void NameService::on_name_answered(const NameLookup& lookup) {
  for (Group& group : groups_[&lookup]) assign(group, lookup);
}

void NameService::assign(Group& group, const NameLookup& lookup) {
  // A failure that does not last long enough changes nothing.
  if (lookup.known().empty() && !lookup.is_lost()) return;
  std::vector<net::Address> found;
  for (const KnownAddress& known : lookup.known()) {
    found.push_back(lookup.is_service() ? known.address : known.address.with_port(group.front().port));
  }
  std::vector<backends::AddressWish> wishes;
  for (const ResolvedServer& server : group) {
    const backends::ServerState& state = *server.state;
    backends::AddressWish wish{{}, server.family, server.networks, server.shares};
    if (!state.unresolved) wish.current = state.address.get();
    wishes.push_back(std::move(wish));
  }
  const auto chosen = backends::choose_addresses(wishes, found);
  const auto asked = asked_.find(group.front().resolvers);
  const auto& servers = asked->second->settings.servers;
  std::string by = asked->first + "/" + (servers.empty() ? "system" : servers.front().name);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!chosen[i]) {
      const char* const no_more = lookup.is_service() ? "entry removed from SRV record" : "No IP for server ";
      if (!group[i].state->unresolved) lose(group[i], lookup.is_lost() ? lookup.why() : no_more);
      continue;
    }
    KnownAddress to = lookup.known()[*chosen[i]];
    to.address = found[*chosen[i]];
    if (lookup.is_service() && !group[i].keeps_weight) group[i].state->weight = weight_of(to);
    if (wishes[i].current == to.address) continue;
    move(group[i], to, by);
    by = "DNS cache";
  }
}

void NameService::move(const ResolvedServer& server, const KnownAddress& to, const std::string& by) {
  backends::ServerState& state = *server.state;
  const bool was_lost = state.unresolved;
  const std::string name = state.backend + "/" + state.name;
  const std::string line =
      fmt::format("{} changed its IP from {} to {} by {}.", name,
                  was_lost ? "(none)" : state.address.get().host(), to.address.host(), by);
  state.address.move_to(to.address);
  monitor_.on_server_moved(state, "");
  log_.info(line);
  messages_.tell(state, stats::LogLevel::kNotice, line);
  if (!was_lost) return;
  const std::string& host = server.is_service ? to.target : server.host;
  messages_.tell(state, stats::LogLevel::kNotice,
                 fmt::format("Server {} ('{}') is UP/READY (resolves again).", name, host));
  messages_.tell(state, stats::LogLevel::kNotice,
                 fmt::format("Server {} administratively READY thanks to valid DNS answer.", name));
}

void NameService::lose(const ResolvedServer& server, const std::string& why) {
  const backends::ServerState& state = *server.state;
  const bool was_up = state.is_up();
  const std::string name = state.backend + "/" + state.name;
  monitor_.on_server_moved(state, why);
  if (!was_up) {
    messages_.tell(state, stats::LogLevel::kNotice,
                   fmt::format("Server {} was DOWN and now enters maintenance ({}).", name, why));
    return;
  }
  const health::ServersUp left = monitor_.servers_up(*state.backend_state);
  const char* const on_backup = left.active == 0 && left.backup != 0 ? " Running on backup." : "";
  messages_.tell(
      state, stats::LogLevel::kAlert,
      fmt::format("Server {} is going DOWN for maintenance ({}). {} active and {} backup servers left.{} {} "
                  "sessions active, 0 requeued, 0 remaining in queue.",
                  name, why, left.active, left.backup, on_backup,
                  std::max<std::int64_t>(0, state.counters.in_flight())));
}

}  // namespace reseal::runtime
