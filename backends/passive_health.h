// Passive health: what traffic alone may conclude about a server. Decides only; the counts live in
// ServerState, where all workers add to them, and what follows from a suspicion is the health monitor's
// business. Any thread, never blocks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "backends/server_state.h"

namespace reseal::backends {

/// A connection has opened: the run of failed ones is over.
void note_connected(ServerState& server);

/// A connection could not be opened, `why` in words.
/// Returns the reason, in words, to suspect the server: at every `limit`-th failure in a row, to one caller,
/// and only while the server is up. `limit` 0: failures are not counted.
std::optional<std::string> note_connect_failure(ServerState& server, int limit, std::string_view why);

/// A response came with `status`: 5xx lengthens the run, anything else ends it. `limit` and result as above.
std::optional<std::string> note_response(ServerState& server, int limit, int status);

}  // namespace reseal::backends
