// The spans of a request as HAProxy counts them (its manual, 8.4), from a record. kNotReached for what did not happen. Pure.
#pragma once

#include "lb/stats/access_record.h"

namespace reseal::stats::spans {

/// TR; a head that was not understood does not count as received.
Microseconds request_time(const AccessRecord& record);
/// Tc; a connection with its handshake is one span.
Microseconds connected_time(const AccessRecord& record);
/// Ta
Microseconds active_time(const AccessRecord& record);
/// Td
Microseconds data_time(const AccessRecord& record);
/// Tw
Microseconds queued_for(const AccessRecord& record);
/// Tr
Microseconds waited_for(const AccessRecord& record);
/// Th
Microseconds handshake_of(const AccessRecord& record);
/// Ti
Microseconds idle_of(const AccessRecord& record);
/// Tq
Microseconds until_request(const AccessRecord& record);
/// Tt
Microseconds whole_time(const AccessRecord& record);
/// Tu
Microseconds time_of_user(const AccessRecord& record);
/// When the connection was accepted, or had ended the request before this one.
WallTime accepted(const AccessRecord& record);

}  // namespace reseal::stats::spans
