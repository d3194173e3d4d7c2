// What the configuration says of logs: where lines go and how, and what of messages is kept for them. Plain values, as
// model.h.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "lb/config/place.h"
#include "lb/stats/log_header.h"

namespace reseal::config {

/// How lines go to a target.
struct LogDelivery {
  stats::LogForm form = stats::LogForm::kRaw;  ///< what stands before each
  std::string host;                            ///< in that; empty: the machine's name without its domain
  stats::LogLevel least_severe = stats::LogLevel::kDebug;     ///< what is less severe does not go there
  stats::LogLevel most_severe = stats::LogLevel::kEmergency;  ///< what is more severe is told as this
  std::uint32_t most_bytes = 16383;                           ///< of a line; more is cut
  bool marks_cuts = false;                                    ///< by "..."
  bool ends_datagrams = false;                                ///< datagrams have the line feed too
  /// Of each `sample_size` lines those with these numbers, from 1; empty: all.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sample;
  std::uint32_t sample_size = 1;
  bool operator==(const LogDelivery&) const = default;
};

enum class AccessLogTarget : std::uint8_t { kFile, kStdout, kStderr, kDescriptor, kSyslogUdp, kSyslogUnix };

/// access_log: where a line a request goes, and what it looks like.
struct AccessLog {
  AccessLogTarget target = AccessLogTarget::kFile;
  std::string path;          ///< of the file or the unix socket, absolute
  std::string host;          ///< with kSyslogUdp: name or address
  std::uint16_t port = 514;  ///< with kSyslogUdp
  int descriptor = -1;       ///< with kDescriptor: inherited
  std::string format = "json";
  bool haproxy_format = false;  ///< `format` is in HAProxy's language
  std::string structured_data;  ///< of RFC 5424, in HAProxy's language; empty: none
  int facility = 16;            ///< of syslog, RFC 3164 4.1.1: local0
  std::string tag = "reseal";
  bool failed_handshakes = false;  ///< a line for clients whose TLS handshake fails, too
  LogDelivery delivery;
  Place place;
  [[nodiscard]] std::string text() const;  ///< the target as it is written
  bool operator==(const AccessLog&) const = default;
};

/// A field, or cookie, of messages that lines show.
struct LogCapture {
  std::string name;
  std::uint32_t most_bytes = 0;
  bool operator==(const LogCapture&) const = default;
};
struct LogCaptures {
  std::vector<LogCapture> request_fields;
  std::vector<LogCapture> response_fields;
  LogCapture cookie;  ///< the beginning of "NAME=value"; empty: none
  bool operator==(const LogCaptures&) const = default;
};

/// A name for each request in HAProxy's language.
struct UniqueId {
  std::string format;  ///< empty: there is none
  std::string field;   ///< that servers get it in; empty: none
  bool operator==(const UniqueId&) const = default;
};

}  // namespace reseal::config
