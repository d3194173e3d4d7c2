#include <algorithm>
#include <array>
#include <string_view>

#include "lb/base/text.h"
#include "lb/config/schema.h"
#include "lb/net/address.h"
#include "lb/rules/expression/log_format.h"
#include "lb/stats/haproxy_format.h"
#include "lb/stats/log_format.h"

namespace reseal::config {
namespace {

constexpr std::string_view kSyslogUdp = "syslog:udp:";
constexpr std::string_view kSyslogUnix = "syslog:unix:";
constexpr std::size_t kLongestSocketPath = 107;  // sun_path of a unix socket's address, with its final NUL
constexpr std::size_t kLongestTag = 32;          // RFC 3164 4.1.3
constexpr std::size_t kMostLogs = 8;

/// Position by position the numbers of RFC 3164 4.1.1.
constexpr std::array<const char*, 24> kFacilities = {
    "kern",   "user",   "mail",   "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "auth2",  "ftp",    "ntp",    "audit",  "alert",  "cron2",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"};

constexpr std::string_view kDescriptor = "fd@";
constexpr int kMostDescriptor = 65535;

/// How lines go to a target of that kind where nothing is said.
LogDelivery usual_delivery(std::string_view to) {
  constexpr std::uint32_t kMostDatagram = 8192;
  LogDelivery delivery;
  const bool is_unix = to.starts_with(kSyslogUnix);
  if (!is_unix && !to.starts_with(kSyslogUdp)) return delivery;
  delivery.form = is_unix ? stats::LogForm::kLocal : stats::LogForm::kRfc3164;
  delivery.most_bytes = kMostDatagram;
  delivery.marks_cuts = true;
  return delivery;
}

void read_udp(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log) {
  const auto parts = net::split_host_port(node.text.substr(kSyslogUdp.size()));
  if (!parts || parts->host == "*" || parts->port == 0) {
    reader.error(node.place, std::string(key) + " is '" + shortened(node.text) +
                                 "': " + (parts ? "no server to send to" : parts.error()) +
                                 "; accepted: syslog:udp:10.0.0.5:514, syslog:udp:[2001:db8::5]:514");
    return;
  }
  log.target = AccessLogTarget::kSyslogUdp;
  log.host = parts->host;
  log.port = parts->port;
}

void read_unix(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log) {
  const std::string path = node.text.substr(kSyslogUnix.size());
  if (!path.starts_with('/') || path.size() > kLongestSocketPath) {
    reader.error(node.place,
                 std::string(key) + " is '" + shortened(node.text) +
                     "'; accepted: the absolute path of a unix socket of at most 107 bytes, such as "
                     "syslog:unix:/dev/log");
    return;
  }
  log.target = AccessLogTarget::kSyslogUnix;
  log.path = path;
}

void read_descriptor(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log) {
  const auto number = parse_decimal(std::string_view(node.text).substr(kDescriptor.size()));
  if (!number || *number > kMostDescriptor) {
    reader.error(node.place, std::string(key) + " is '" + shortened(node.text) +
                                 "'; accepted: the number of an inherited descriptor, such as fd@3");
    return;
  }
  log.target = AccessLogTarget::kDescriptor;
  log.descriptor = static_cast<int>(*number);
}

void read_to(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log) {
  std::string written;
  reader.text(node, key, written);
  if (written.empty()) return;
  if (written == "stdout") {
    log.target = AccessLogTarget::kStdout;
  } else if (written == "stderr") {
    log.target = AccessLogTarget::kStderr;
  } else if (written.starts_with(kSyslogUdp)) {
    read_udp(reader, node, key, log);
  } else if (written.starts_with(kSyslogUnix)) {
    read_unix(reader, node, key, log);
  } else if (written.starts_with(kDescriptor)) {
    read_descriptor(reader, node, key, log);
  } else if (written.find('/') == std::string::npos || written.starts_with("syslog")) {
    // A slip of the pen must not become a file of that name.
    reader.error(node.place,
                 std::string(key) + " is '" + shortened(written) + "'" +
                     did_you_mean(written, {"stdout", "stderr", "syslog:unix:/dev/log"}) +
                     " (accepted: the path of a file, with at least one '/', stdout, stderr, fd@NUMBER, "
                     "syslog:udp:HOST:PORT, syslog:unix:PATH)");
  } else {
    log.target = AccessLogTarget::kFile;
    reader.path(node, key, log.path);
  }
}

void read_format(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log) {
  std::string written;
  reader.text(node, key, written);
  if (written.empty()) return;
  const auto compiled = stats::LogFormat::compile(written);
  if (compiled) {
    log.format = written;
    return;
  }
  std::string hint;
  std::vector<std::string> names;
  if (!compiled.error().unknown_field.empty()) {
    for (const stats::LogField& field : stats::log_fields()) names.emplace_back(field.name);
    hint = did_you_mean(compiled.error().unknown_field, names) + " (accepted: " + one_of(names) +
           ", request_header:NAME, response_header:NAME)";
  } else {
    hint = did_you_mean(written, {"json", "httplog", "tcplog"});
  }
  reader.error(node.place,
               std::string(key) + " is '" + shortened(written) + "': " + compiled.error().message + hint);
}

/// HAProxy's own formats by name; the last: no lines by a format, but "Connect from ..." (log_policy.announce).
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kHaproxyFormats = {{
    {"httplog", stats::kHttplog},
    {"tcplog", stats::kTcplog},
    {"clf", stats::kClflog},
    {"httpslog", stats::kHttpslog},
    {"connect", ""},
}};

/// Read here for its errors only; it is compiled again when it is built.
void read_haproxy_format(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log) {
  std::string written;
  reader.text(node, key, written);
  if (written.empty()) return;
  for (const auto& [name, format] : kHaproxyFormats) {
    if (written != name) continue;
    log.format = format;
    log.haproxy_format = true;
    return;
  }
  rules::expression::VariableNames variables;
  rules::expression::Environment environment;
  environment.variables = &variables;
  environment.finds_names = false;
  if (const auto compiled = rules::expression::compile_log_format(written, environment); !compiled) {
    reader.error(node.place,
                 std::string(key) + " is '" + shortened(written) + "': " + compiled.error().message);
    return;
  }
  log.format = written;
  log.haproxy_format = true;
}

void read_facility(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log) {
  std::vector<std::pair<std::string, int>> words;
  for (std::size_t i = 0; i < kFacilities.size(); ++i)
    words.emplace_back(kFacilities[i], static_cast<int>(i));
  reader.word<int>(node, key, words, log.facility);
}

void read_tag(ValueReader& reader, const YamlNode& node, const char* key, AccessLog& log) {
  std::string tag;
  reader.token(node, key, tag);
  if (tag.size() > kLongestTag) {
    reader.error(node.place,
                 std::string(key) + " is '" + shortened(tag) + "'; accepted: at most 32 characters");
  } else if (!tag.empty()) {
    log.tag = tag;
  }
}

void write_to(SectionWriter& writer, const char* key, const AccessLog& log, const AccessLog&) {
  writer.text(key, log.text());
}
void write_format(SectionWriter& writer, const char* key, const AccessLog& log, const AccessLog& usual) {
  if (!log.haproxy_format && log.format != usual.format) writer.text(key, log.format);
}
void write_haproxy_format(SectionWriter& writer, const char* key, const AccessLog& log, const AccessLog&) {
  if (!log.haproxy_format) return;
  const auto* const known =
      std::ranges::find(kHaproxyFormats, log.format, &std::pair<std::string_view, std::string_view>::second);
  writer.text(key, known != kHaproxyFormats.end() ? known->first : log.format);
}
void write_facility(SectionWriter& writer, const char* key, const AccessLog& log, const AccessLog& usual) {
  if (log.facility != usual.facility) writer.text(key, kFacilities[static_cast<std::size_t>(log.facility)]);
}

constexpr Key<AccessLog> kAccessLogKeys[] = {
    {"to", read_to, "(required)", "syslog:udp:10.0.0.5:514", write_to},
    {"format", read_format, "json", "httplog", write_format},
    {"haproxy_format", read_haproxy_format, "(none)", "'%ci [%tr] %ST %{+Q}r'", write_haproxy_format},
    text_key<&AccessLog::structured_data>("structured_data", "(none)", "'[lb@1 client=\"%ci\"]'"),
    {"facility", read_facility, "local0", "daemon", write_facility},
    {"tag", read_tag, "reseal", "lb", write_text<&AccessLog::tag>},
    boolean_key<&AccessLog::failed_handshakes>("failed_handshakes", "false", "true"),
    {"delivery", read_delivery, "(below)", "{ form: rfc5424, length: 1024 }", write_delivery},
};

void read_one(ValueReader& reader, const YamlNode& node, const char* key, std::vector<AccessLog>& logs) {
  AccessLog log;
  log.place = node.place;
  const YamlNode* to = node.is_scalar() ? &node : node.find("to");
  if (to != nullptr) log.delivery = usual_delivery(to->text);
  if (node.is_scalar()) {
    read_to(reader, node, key, log);
  } else {
    read_section<AccessLog>(reader, node, key, kAccessLogKeys, log);
    if (node.is_map() && node.find("to") == nullptr) {
      reader.error(node.place, std::string(key) + " does not say where the lines go (to: PATH, stdout, ...)");
    }
  }
  if (node.is_map() && node.find("format") != nullptr && node.find("haproxy_format") != nullptr)
    reader.error(node.place, std::string(key) + " has a format and a haproxy_format; accepted: one of them");
  // With HAProxy's formats come its targets, of which each has a tag.
  const bool has_header = log.delivery.form != stats::LogForm::kRaw || log.haproxy_format;
  if (node.is_map() && !has_header && (node.find("facility") != nullptr || node.find("tag") != nullptr)) {
    reader.warning(node.place, std::string(key) + ": facility and tag are for syslog only");
  }
  logs.push_back(std::move(log));
}

void write_one(SectionWriter& writer, const AccessLog& log) {
  AccessLog usual;
  usual.delivery = usual_delivery(log.text());
  write_section<AccessLog>(writer, kAccessLogKeys, log, usual);
}

}  // namespace

std::vector<AccessLog> read_access_logs(ValueReader& reader, const YamlNode& node, const char* key) {
  std::vector<AccessLog> logs;
  if (node.is_scalar() && node.text == "off") return logs;
  if (!node.is_sequence()) {
    read_one(reader, node, key, logs);
    return logs;
  }
  for (const auto& item : node.items) {
    if (logs.size() == kMostLogs) {
      reader.error(item->place, std::string(key) + ": at most 8 logs");
      break;
    }
    read_one(reader, *item, key, logs);
  }
  if (node.items.empty()) {
    reader.error(node.place,
                 std::string(key) + " is an empty list; accepted: off, a target, or a list of targets");
  }
  return logs;
}

void write_access_logs(SectionWriter& writer, const char* key, const std::vector<AccessLog>& logs) {
  if (logs.empty()) return writer.text(key, "off");
  if (logs.size() > 1) {
    writer.sections(key, logs, write_one);
  } else {
    writer.section(key, [&](SectionWriter& inner) { write_one(inner, logs.front()); });
  }
}

void append_access_log_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<AccessLog>(all, prefix, kAccessLogKeys);
  append_log_delivery_keys(all, prefix + "delivery.");
}

std::string AccessLog::text() const {
  switch (target) {
    case AccessLogTarget::kFile:
      break;
    case AccessLogTarget::kStdout:
      return "stdout";
    case AccessLogTarget::kStderr:
      return "stderr";
    case AccessLogTarget::kDescriptor:
      return "fd@" + std::to_string(descriptor);
    case AccessLogTarget::kSyslogUdp: {
      const bool v6 = host.find(':') != std::string::npos;
      return std::string(kSyslogUdp) + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
    }
    case AccessLogTarget::kSyslogUnix:
      return std::string(kSyslogUnix) + path;
  }
  return path;
}

}  // namespace reseal::config
