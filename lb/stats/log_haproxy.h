// The lines of HAProxy's `option httplog` and `option tcplog`, byte for byte as HAProxy 2.6 writes them, so that
// what reads its logs goes on reading. What differs in meaning is in docs/access-log.md. Pure.
#pragma once

#include <string_view>

#include "lb/stats/access_record.h"
#include "lb/stats/log_line.h"

namespace reseal::stats {

/// HAProxy's two letters for how it ended (its "termination state"): who, and in which phase; "--" for a server's
/// complete answer, "LR" for one of our own that is no error. Total over Code.
std::string_view termination_state(Code cause, RequestPhase phase, Answerer answerer);

/// Without a line feed at the end.
void write_httplog(const AccessRecord& record, LogLine& line);
void write_tcplog(const AccessRecord& record, LogLine& line);

}  // namespace reseal::stats
