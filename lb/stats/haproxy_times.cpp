#include "lb/stats/haproxy_times.h"

#include <algorithm>

namespace reseal::stats::spans {
namespace {

/// What did not happen counts as nothing.
Microseconds known(Microseconds time) {
  return std::max(time, Microseconds::zero());
}
/// From the connection, or the request before, to this request's first byte.
Microseconds since_idle(const AccessRecord& record) {
  return known(record.handshake_time) + known(record.idle_time);
}
bool has_request(const AccessRecord& record) {
  return !record.method.empty() || record.mode == LogMode::kTcp;
}

}  // namespace

Microseconds request_time(const AccessRecord& record) {
  return has_request(record) ? record.head_time : kNotReached;
}
Microseconds connected_time(const AccessRecord& record) {
  if (record.connect_time < Microseconds::zero()) return kNotReached;
  return record.connect_time + known(record.tls_time);
}
Microseconds active_time(const AccessRecord& record) {
  return record.total_time + known(record.head_time);
}
Microseconds data_time(const AccessRecord& record) {
  if (record.first_byte_time < Microseconds::zero()) return kNotReached;
  return known(record.total_time - known(record.queue_time) - known(connected_time(record)) -
               record.first_byte_time);
}
WallTime accepted(const AccessRecord& record) {
  return record.begun - since_idle(record);
}

Microseconds queued_for(const AccessRecord& record) {
  return record.queue_time;
}
Microseconds waited_for(const AccessRecord& record) {
  return record.first_byte_time;
}
Microseconds handshake_of(const AccessRecord& record) {
  return known(record.handshake_time);
}
Microseconds idle_of(const AccessRecord& record) {
  return known(record.idle_time);
}
Microseconds until_request(const AccessRecord& record) {
  const Microseconds request = request_time(record);
  return request < Microseconds::zero() ? kNotReached : request + since_idle(record);
}
Microseconds whole_time(const AccessRecord& record) {
  return since_idle(record) + active_time(record);
}
Microseconds time_of_user(const AccessRecord& record) {
  return whole_time(record) - idle_of(record);
}

}  // namespace reseal::stats::spans
