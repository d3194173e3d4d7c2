// The part of a watch that is about the server's agent: what it says changes weight, limit and state.
#include <fmt/format.h>

#include <algorithm>

#include "health/watch.h"

namespace reseal::health {
namespace {

/// HAProxy's.
constexpr std::uint32_t kMostWeight = 256;

std::uint32_t share_of(std::uint32_t weight, std::uint32_t percent) {
  constexpr std::uint64_t kPercent = 100;
  const std::uint64_t share = static_cast<std::uint64_t>(weight) * percent / kPercent;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(share, std::max(weight, kMostWeight)));
}

}  // namespace

void Watch::set_agent() {
  if (!server_.agent) {
    if (agent_.asked == nullptr) return;
    const bool was_down = !agent_.up;
    agent_ = {};
    server_.state->weight = backends::kConfiguredWeight;
    set_draining(check_drains_, "its agent was removed from the configuration");
    if (was_down && rise_fall_.is_up()) went_up("its agent was removed from the configuration");
    return;
  }
  if (agent_.asked != nullptr && agent_.asked->settings() == *server_.agent) return;
  agent_.asked =
      std::make_unique<Agent>(monitor_.loop_, monitor_.random_, *server_.agent, server_.state, *this);
}

void Watch::on_agent_said(const ProbeResult& result, const std::optional<AgentReply>& reply) {
  agent_.last = result;
  // That it cannot be asked says nothing: the check is there to tell.
  if (!reply) return;
  backends::ServerState& state = *server_.state;
  if (reply->percent) state.weight = share_of(server_.weight, *reply->percent);
  if (reply->max_requests) state.requests.set_most(*reply->max_requests);
  if (reply->percent || reply->max_requests) monitor_.on_change(*state.backend_state);
  if (reply->order) obey_agent(*reply->order);
  if (reply->up) set_agent_up(*reply->up, result);
}

void Watch::obey_agent(AgentOrder order) {
  backends::ServerState& state = *server_.state;
  const std::string who = "Server " + state.backend + "/" + state.name;
  const bool drained = std::exchange(agent_.drains, order == AgentOrder::kDrain);
  const bool maintained = std::exchange(agent_.has_maintenance, order == AgentOrder::kMaintenance);
  if (maintained != agent_.has_maintenance) {
    const bool was_up = state.is_up();
    server_.out_of_service = agent_.has_maintenance ? kAgentMaintenance : server_.disabled;
    if (!agent_.has_maintenance) begin_anew();
    set_service();
    const ServersUp up = monitor_.servers_up(*state.backend_state);
    monitor_.on_change(*state.backend_state);
    if (!agent_.has_maintenance) {
      if (is_checked()) schedule(first_probe_after());
      tell(false, who + " is UP/READY (leaving forced maintenance).");
    } else if (was_up) {
      tell(true, fmt::format(
                     "{} is going DOWN for maintenance. {} active and {} backup servers left.{} {} sessions "
                     "active, 0 requeued, 0 remaining in queue.",
                     who, up.active, up.backup, up.active == 0 && up.backup != 0 ? " Running on backup." : "",
                     std::max<std::int64_t>(0, state.counters.in_flight())));
    } else {
      tell(false, who + " was DOWN and now enters maintenance.");
    }
  }
  if (drained == agent_.drains) return;
  set_draining(check_drains_ || agent_.drains, "its agent says so");
  const ServersUp up = monitor_.servers_up(*state.backend_state);
  if (agent_.drains) {
    tell(false,
         fmt::format("{} enters drain state. {} active and {} backup servers online. 0 sessions requeued, 0 "
                     "total in queue.",
                     who, up.active, up.backup));
  } else if (!agent_.has_maintenance) {
    tell(false, who + " is UP (leaving forced drain).");
  }
}

void Watch::set_agent_up(bool up, const ProbeResult& told) {
  if (std::exchange(agent_.up, up) == up || !rise_fall_.is_up()) return;
  if (up) {
    went_up(told.reason, told);
  } else {
    went_down(told.reason, told);
  }
}

void Watch::tell(bool is_alert, const std::string& line) const {
  if (monitor_.listener_ != nullptr) monitor_.listener_->on_told(*server_.state, is_alert, line);
}

}  // namespace reseal::health
