// What a section says of its logs, in HAProxy's own terms. Plain values; `defaults` hands all of it down but captures and
// unique-id-format's place.
#pragma once

#include <string>
#include <vector>

#include "lb/config/model.h"

namespace reseal::haproxy {

/// A `log` line: format, tag and host are still to be set.
struct LogTargetDraft {
  config::AccessLog log;
  bool names_form = false;  ///< otherwise it is local, or rfc3164 with log-send-hostname
};

struct LogDraft {
  bool globally = false;             ///< log global
  std::vector<LogTargetDraft> logs;  ///< targets of its own
  std::string format;                ///< in HAProxy's language; empty: "Connect from ..."
  bool is_of_requests = false;       ///< that of option httplog and its kind, which mode tcp has not
  std::string structured_data;
  std::string error_format;
  std::string tag;  ///< empty: global's
  bool without_null = false;
  stats::LogPolicy policy;
  config::LogCaptures captures;
  config::UniqueId unique_id;
};

}  // namespace reseal::haproxy
