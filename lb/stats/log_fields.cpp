#include "lb/stats/log_fields.h"

#include <algorithm>
#include <array>

namespace reseal::stats {
namespace {

constexpr std::size_t kDate = 32;
constexpr std::size_t kName = 64;  // of frontends, backends, servers: config's limit
constexpr std::size_t kWord = 40;
constexpr std::size_t kAddress = 64;
constexpr std::size_t kDigits = 24;
constexpr std::size_t kMethod = 32;
constexpr std::size_t kHost = 256;
constexpr std::size_t kTarget = 2048;

using Record = const AccessRecord&;
using Line = LogLine&;

// Kinds of rows: text of peers with its limit, text of our own, times, numbers.
template <auto kMember, std::size_t kMost>
bool text(Record record, Line line) {
  const std::string_view value = record.*kMember;
  if (value.empty()) return false;
  line.escaped(value, kMost);
  return true;
}
/// Of our own making, or checked when it was configured: nothing to escape.
template <auto kMember>
bool plain(Record record, Line line) {
  const std::string_view value = record.*kMember;
  if (value.empty()) return false;
  line.raw(value);
  return true;
}
template <auto kMember>
bool time(Record record, Line line) {
  if (record.*kMember < Microseconds::zero()) return false;
  line.milliseconds(record.*kMember);
  return true;
}
template <auto kMember>
bool number(Record record, Line line) {
  line.number(static_cast<std::uint64_t>(record.*kMember));
  return true;
}

bool write_time(Record record, Line line) {
  line.raw(line.date().rfc3339(record.begun));
  return true;
}
bool write_path(Record record, Line line) {
  const std::string_view path = record.target.substr(0, record.target.find('?'));
  if (path.empty()) return false;
  line.escaped(path, kTarget);
  return true;
}
bool write_status(Record record, Line line) {
  if (record.status == 0) return false;
  line.number(static_cast<std::uint64_t>(record.status));
  return true;
}
bool write_cause(Record record, Line line) {
  line.raw(code_word(record.cause));
  return true;
}
bool write_mode(Record record, Line line) {
  line.raw(record.mode == LogMode::kTcp ? "tcp" : "http");
  return true;
}
bool write_answerer(Record record, Line line) {
  line.raw(word_of(record.answerer));
  return true;
}
bool write_phase(Record record, Line line) {
  if (record.cause == Code::kOk) return false;
  line.raw(word_of(record.phase));
  return true;
}
bool write_retries(Record record, Line line) {
  if (record.server.empty()) return false;
  line.number(static_cast<std::uint64_t>(record.retries));
  return true;
}
bool write_reused(Record record, Line line) {
  if (record.server.empty()) return false;
  line.number(record.reused ? 1 : 0);
  return true;
}
bool write_referer(Record record, Line line) {
  const std::string_view value = record.request_field("Referer");
  if (value.empty()) return false;
  line.escaped(value, kMostHeaderField);
  return true;
}
bool write_user_agent(Record record, Line line) {
  const std::string_view value = record.request_field("User-Agent");
  if (value.empty()) return false;
  line.escaped(value, kMostHeaderField);
  return true;
}

using enum LogField::Kind;

constexpr LogField kFields[] = {
    {"time", kText, kDate, write_time},
    {"mode", kText, kWord, write_mode},
    {"frontend", kText, kName, plain<&AccessRecord::frontend>},
    {"client_address", kText, kAddress, plain<&AccessRecord::client_address>},
    {"client_port", kNumber, kDigits, number<&AccessRecord::client_port>},
    {"tls_version", kText, kWord, plain<&AccessRecord::tls_version>},
    {"tls_server_name", kText, kHost, text<&AccessRecord::tls_server_name, kHost>},
    {"version", kText, kWord, plain<&AccessRecord::version>},
    {"method", kText, kMethod, text<&AccessRecord::method, kMethod>},
    {"host", kText, kHost, text<&AccessRecord::host, kHost>},
    {"target", kText, kTarget, text<&AccessRecord::target, kTarget>},
    {"path", kText, kTarget, write_path, false},  // it is in the target
    {"referer", kText, kMostHeaderField, write_referer},
    {"user_agent", kText, kMostHeaderField, write_user_agent},
    {"status", kNumber, kDigits, write_status},
    {"answered_by", kText, kWord, write_answerer},
    {"cause", kText, kWord, write_cause},
    {"phase", kText, kWord, write_phase},
    {"backend", kText, kName, plain<&AccessRecord::backend>},
    {"server", kText, kName, plain<&AccessRecord::server>},
    {"server_address", kText, kAddress, plain<&AccessRecord::server_address>},
    {"retries", kNumber, kDigits, write_retries},
    {"reused", kNumber, kDigits, write_reused},
    {"request_bytes", kNumber, kDigits, number<&AccessRecord::request_bytes>},
    {"response_bytes", kNumber, kDigits, number<&AccessRecord::response_bytes>},
    {"head_ms", kNumber, kDigits, time<&AccessRecord::head_time>},
    {"queue_ms", kNumber, kDigits, time<&AccessRecord::queue_time>},
    {"connect_ms", kNumber, kDigits, time<&AccessRecord::connect_time>},
    {"tls_ms", kNumber, kDigits, time<&AccessRecord::tls_time>},
    {"first_byte_ms", kNumber, kDigits, time<&AccessRecord::first_byte_time>},
    {"total_ms", kNumber, kDigits, time<&AccessRecord::total_time>},
};

}  // namespace

std::span<const LogField> log_fields() {
  return kFields;
}

const LogField* find_log_field(std::string_view name) {
  const auto* const found = std::ranges::find(kFields, name, &LogField::name);
  return found == std::end(kFields) ? nullptr : found;
}

}  // namespace reseal::stats
