// The end of the sessions at one server, where its configuration asks for that. Worker's thread.
#pragma once

#include "lb/base/error.h"

namespace reseal::backends {
struct ServerState;
}

namespace reseal::proxy {

struct WorkerContext;

/// Ends every request and tunnel of this worker that is at `server`, with `cause`; those that wait for one stay.
void withdraw_from(WorkerContext& context, const backends::ServerState& server, Code cause);

}  // namespace reseal::proxy
