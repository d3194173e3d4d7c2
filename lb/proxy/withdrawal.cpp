#include "lb/proxy/withdrawal.h"

#include <vector>

#include "lb/proxy/server_side.h"

namespace reseal::proxy {

void withdraw_from(WorkerContext& context, const backends::ServerState& server, Code cause) {
  const auto is_there = [&](const ServerSide& side) {
    return side.server() == &server && side.phase() != ServerSide::Phase::kQueued;
  };
  // Each may end others, and begin new ones; none is gone before the end of the turn.
  std::vector<ServerSide*> found;
  for (ServerSide* side = context.withdrawable.front(); side != nullptr;
       side = context.withdrawable.next(*side)) {
    if (is_there(*side)) found.push_back(side);
  }
  for (ServerSide* side : found) {
    if (side->is_linked() && is_there(*side)) side->withdraw(cause);
  }
}

}  // namespace reseal::proxy
