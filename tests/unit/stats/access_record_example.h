// A record with something in every part, for the tests of the log's formats.
#pragma once

#include "lb/stats/access_record.h"

namespace reseal::stats {

inline std::string_view example_request_field(const void*, std::string_view name) {
  if (name == "User-Agent") return "curl/7.88";
  if (name == "X-Request-Id") return "r-1";
  return {};
}
inline std::string_view example_response_field(const void*, std::string_view name) {
  return name == "Content-Type" ? "text/plain" : std::string_view();
}

/// GET /a?b=c of 2026-11-25 12:38:01.123456 UTC, answered by web1 in 12.345 ms.
inline AccessRecord example_record() {
  AccessRecord record;
  record.begun = WallTime(Microseconds(1'795'610'281'123'456));
  record.frontend = "front";
  record.client_address = "192.0.2.7";
  record.client_port = 40123;
  record.secure = true;
  record.tls_version = "TLSv1.3";
  record.tls_server_name = "www.example.org";
  record.version = "HTTP/1.1";
  record.method = "GET";
  record.host = "www.example.org";
  record.target = "/a?b=c";
  record.status = 200;
  record.answerer = Answerer::kServer;
  record.phase = RequestPhase::kResponseBody;
  record.backend = "web";
  record.server = "web1";
  record.server_address = "10.0.0.11:8443";
  record.request_bytes = 5;
  record.response_bytes = 1000;
  record.response_head_bytes = 53;
  record.head_time = Microseconds(500);
  record.queue_time = Microseconds(0);
  record.connect_time = Microseconds(1'200);
  record.tls_time = Microseconds(2'300);
  record.first_byte_time = Microseconds(7'900);
  record.total_time = Microseconds(12'345);
  record.load = {7, 6, 5, 4};
  record.find_request_field = example_request_field;
  record.find_response_field = example_response_field;
  return record;
}

}  // namespace reseal::stats
