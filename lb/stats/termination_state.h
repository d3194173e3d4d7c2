// How HAProxy says that a request ended. What differs in meaning is in docs/access-log.md. Pure.
#pragma once

#include <string_view>

#include "lb/stats/access_record.h"

namespace reseal::stats {

/// HAProxy's two letters for how it ended (its "termination state"): who, and in which phase; "--" for a server's
/// complete answer, "LR" for one of our own that is no error. Total over Code.
std::string_view termination_state(Code cause, RequestPhase phase, Answerer answerer,
                                   LogMode mode = LogMode::kHttp);

}  // namespace reseal::stats
