#include "lb/stats/log_haproxy.h"

#include <algorithm>

namespace reseal::stats {
namespace {

constexpr std::size_t kMostRequestLine = 1023;  // HAProxy's tune.http.logurilen

/// Whom HAProxy would name for a cause: as we do, but for these. Its own time-outs are in small letters.
char blamed_for(Code cause) {
  switch (cause) {
    case Code::kOk:
      return '-';
    case Code::kClientGone:
    case Code::kClientTlsFailed:
      return 'C';
    case Code::kClientTimeout:
      return 'c';
    case Code::kBadResponse:
    case Code::kResponseDenied:
      return 'P';
    case Code::kQueueTimeout:
    case Code::kConnectTimeout:
    case Code::kServerTimeout:
    case Code::kTunnelTimeout:
      return 's';
    case Code::kOutOfDescriptors:
      return 'R';
    case Code::kStopped:
      return 'K';
    default:
      break;
  }
  switch (fault_of(cause)) {
    case Origin::kClient:
      return 'P';  // the proxy refused
    case Origin::kServer:
      return 'S';
    case Origin::kLocal:
      break;
  }
  return 'I';
}

// Every pair, so that a view of one can be returned: for each blamed letter the phases in their order.
constexpr std::string_view kStates[] = {
    "CR", "CQ", "CC", "CH", "CD", "cR", "cQ", "cC", "cH", "cD", "PR", "PQ", "PC", "PH",
    "PD", "SR", "SQ", "SC", "SH", "SD", "sR", "sQ", "sC", "sH", "sD", "RR", "RQ", "RC",
    "RH", "RD", "KR", "KQ", "KC", "KH", "KD", "IR", "IQ", "IC", "IH", "ID",
};
constexpr std::size_t kPhases = 5;

std::string_view state_of(char blamed, RequestPhase phase) {
  for (std::size_t i = 0; i < std::size(kStates); i += kPhases) {
    if (kStates[i][0] == blamed) return kStates[i + static_cast<std::size_t>(phase)];
  }
  return "--";
}

void write_client(const AccessRecord& record, LogLine& line) {
  line.raw(record.client_address);
  line.put(':');
  line.number(record.client_port);
  line.raw(" [");
  line.raw(line.date().haproxy(record.begun));
  line.raw("] ");
  line.raw(record.frontend);
  if (record.secure) line.put('~');
  line.put(' ');
  // HAProxy names the frontend where no backend was chosen.
  line.raw(record.backend.empty() ? record.frontend : record.backend);
  line.put('/');
  if (!record.server.empty()) {
    line.raw(record.server);
  } else {
    line.raw("<NOSRV>");
  }
  line.put(' ');
}

void write_loads(const AccessRecord& record, LogLine& line) {
  line.number(record.load.process_connections);
  line.put('/');
  line.number(record.load.frontend_connections);
  line.put('/');
  line.number(record.load.backend_requests);
  line.put('/');
  line.number(record.load.server_requests);
  line.put('/');
  if (record.redispatched) line.put('+');
  line.number(static_cast<std::uint64_t>(record.retries));
  line.raw(" 0/0");  // places in queues, which are not kept
}

/// HAProxy counts a connection with its handshake as one span.
Microseconds connected_time(const AccessRecord& record) {
  if (record.connect_time < Microseconds::zero()) return kNotReached;
  return record.connect_time + std::max(record.tls_time, Microseconds::zero());
}

void write_request_line(const AccessRecord& record, LogLine& line) {
  if (record.method.empty()) {
    line.raw("<BADREQ>");
    return;
  }
  // Cut as HAProxy cuts it: the whole line, before it is escaped.
  std::size_t left = kMostRequestLine;
  const auto part = [&](std::string_view text) {
    text = text.substr(0, left);
    left -= text.size();
    line.hash_escaped(text);
  };
  part(record.method);
  part(" ");
  if (record.version == "HTTP/2.0" && record.target.starts_with('/')) {
    part(record.secure ? "https://" : "http://");  // HAProxy has it so of HTTP/2
    part(record.host);
  }
  part(record.target);
  part(" ");
  part(record.version);
}

}  // namespace

std::string_view termination_state(Code cause, RequestPhase phase, Answerer answerer) {
  if (cause == Code::kOk) return answerer == Answerer::kReseal ? "LR" : "--";
  return state_of(blamed_for(cause), phase);
}

void write_httplog(const AccessRecord& record, LogLine& line) {
  write_client(record, line);
  // A head that was not understood does not count as received.
  line.whole_milliseconds(record.method.empty() ? kNotReached : record.head_time);
  line.put('/');
  line.whole_milliseconds(record.queue_time);
  line.put('/');
  line.whole_milliseconds(connected_time(record));
  line.put('/');
  line.whole_milliseconds(record.first_byte_time);
  line.put('/');
  line.whole_milliseconds(record.total_time + std::max(record.head_time, Microseconds::zero()));
  line.put(' ');
  if (record.status == 0) {
    line.raw("-1");
  } else {
    line.number(static_cast<std::uint64_t>(record.status));
  }
  line.put(' ');
  line.number(record.response_head_bytes + record.response_bytes);
  line.raw(" - - ");  // captured cookies
  line.raw(termination_state(record.cause, record.phase, record.answerer));
  line.raw(record.cookie_letters);
  line.put(' ');
  write_loads(record, line);
  line.raw(" \"");
  write_request_line(record, line);
  line.put('"');
}

void write_tcplog(const AccessRecord& record, LogLine& line) {
  write_client(record, line);
  line.whole_milliseconds(record.queue_time);
  line.put('/');
  line.whole_milliseconds(connected_time(record));
  line.put('/');
  line.whole_milliseconds(record.total_time);
  line.put(' ');
  line.number(record.response_head_bytes + record.response_bytes);
  line.put(' ');
  line.raw(termination_state(record.cause, record.phase, record.answerer));
  line.put(' ');
  write_loads(record, line);
}

}  // namespace reseal::stats
