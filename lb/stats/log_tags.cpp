#include "lb/stats/log_tags.h"

#include <unistd.h>

#include <algorithm>

#include "lb/base/host_name.h"
#include "lb/stats/haproxy_times.h"
#include "lb/stats/termination_state.h"

namespace reseal::stats {
namespace {

constexpr std::size_t kMostRequestLine = 1023;  // HAProxy's tune.http.logurilen
constexpr std::string_view kBadRequest = "<BADREQ>";

using namespace spans;
using Record = const AccessRecord&;
using Out = TagWriter&;

// ---- times

template <auto kTime>
bool time(Record record, Out out) {
  out.line().whole_milliseconds(kTime(record));
  return true;
}
template <auto kTime>
bool time_so_far(Record record, Out out) {
  if (record.is_early) out.line().put('+');
  return time<kTime>(record, out);
}

template <WallTime (*kWhen)(Record)>
bool date(Record record, Out out) {
  out.line().raw(out.line().date().haproxy(kWhen(record)));
  return true;
}
template <WallTime (*kWhen)(Record), LogDate::Zone kZone>
bool common_date(Record record, Out out) {
  out.line().raw(out.line().date().common(kWhen(record), kZone));
  return true;
}
WallTime begun(Record record) {
  return record.begun;
}
bool write_seconds(Record record, Out out) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(accepted(record)).time_since_epoch().count();
  out.hexadecimal_or_number(static_cast<std::uint64_t>(seconds));
  return true;
}
bool write_milliseconds(Record record, Out out) {
  const WallTime when = accepted(record);
  const auto past = when - std::chrono::floor<std::chrono::seconds>(when);
  auto thousandths = static_cast<std::uint64_t>(past.count() / 1000);
  for (std::uint64_t unit = 100; unit != 0; unit /= 10) {
    out.line().put(static_cast<char>('0' + thousandths / unit));
    thousandths %= unit;
  }
  return true;
}

// ---- texts, addresses, numbers

template <std::string_view AccessRecord::* kMember>
bool text(Record record, Out out) {
  out.text(record.*kMember);
  return true;
}
template <std::string_view AccessRecord::* kMember>
bool address(Record record, Out out) {
  out.address(record.*kMember);
  return true;
}
void write_port(std::uint16_t port, bool known_address, Out out) {
  known_address ? out.hexadecimal_or_number(port) : out.line().put('-');
}
template <std::uint16_t AccessRecord::* kPort, std::string_view AccessRecord::* kAddress>
bool port(Record record, Out out) {
  write_port(record.*kPort, !(record.*kAddress).empty(), out);
  return true;
}
struct HostAndPort {
  std::string_view host;
  std::uint16_t port = 0;
};
HostAndPort split(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return {address, 0};
  std::uint16_t port = 0;
  for (const char c : address.substr(colon + 1)) port = static_cast<std::uint16_t>(port * 10 + (c - '0'));
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {host, port};
}
bool write_server_address(Record record, Out out) {
  out.address(split(record.server_address).host);
  return true;
}
bool write_server_port(Record record, Out out) {
  const HostAndPort server = split(record.server_address);
  write_port(server.port, !server.host.empty(), out);
  return true;
}
template <std::uint64_t AccessRecord::Load::* kMember>
bool load(Record record, Out out) {
  out.number(record.load.*kMember);
  return true;
}
template <std::uint64_t AccessRecord::* kMember>
bool number(Record record, Out out) {
  out.hexadecimal_or_number(record.*kMember);
  return true;
}
/// Places in queues are not kept.
bool write_no_place(Record, Out out) {
  out.line().put('0');
  return true;
}

bool write_host_name(Record, Out out) {
  out.text(host_name());
  return true;
}
bool write_process(Record, Out out) {
  out.hexadecimal_or_number(static_cast<std::uint64_t>(::getpid()));
  return true;
}
bool write_frontend_and_tls(Record record, Out out) {
  out.quote();
  out.line().raw(record.frontend);
  if (record.secure) out.line().put('~');
  out.quote();
  return true;
}
/// HAProxy names the frontend where no backend was chosen.
bool write_backend(Record record, Out out) {
  out.text(record.backend.empty() ? record.frontend : record.backend);
  return true;
}
bool write_server(Record record, Out out) {
  out.text(record.server.empty() ? "<NOSRV>" : record.server);
  return true;
}
bool write_status(Record record, Out out) {
  record.status == 0 ? out.line().raw("-1") : out.number(static_cast<std::uint64_t>(record.status));
  return true;
}
bool write_bytes_read(Record record, Out out) {
  if (record.is_early) out.line().put('+');
  out.number(record.response_head_bytes + record.response_bytes);
  return true;
}
bool write_bytes_uploaded(Record record, Out out) {
  out.number(record.request_head_bytes + record.request_bytes);
  return true;
}
bool write_retries(Record record, Out out) {
  if (record.redispatched) out.line().put('+');
  out.number(static_cast<std::uint64_t>(record.retries));
  return true;
}
bool write_termination(Record record, Out out) {
  out.line().raw(termination_state(record.cause, record.phase, record.answerer, record.mode));
  return true;
}
/// The two letters behind it are of the cookie that keeps clients at their servers.
bool write_termination_and_cookie(Record record, Out out) {
  write_termination(record, out);
  out.line().raw(record.cookie_letters);
  return true;
}

// ---- the request line

/// Whether HAProxy has the target with scheme and host: it does so with HTTP/2.
bool is_absolute(Record record) {
  return record.version == "HTTP/2.0" && record.target.starts_with('/');
}
std::string_view scheme(Record record) {
  return record.secure ? "https://" : "http://";
}
/// Its parts one after the other, between quotation marks if they are wanted, and cut as HAProxy cuts them.
void write_parts(std::initializer_list<std::string_view> parts, Out out) {
  std::size_t left = kMostRequestLine;
  out.quote();
  for (const std::string_view part : parts) {
    const std::string_view taken = part.substr(0, left);
    left -= taken.size();
    out.line().hash_escaped(taken, LogLine::Hashed::kUri, out.flags().escaped);
  }
  out.quote();
}
bool write_bad_request(Out out) {
  out.quote();
  out.line().raw(kBadRequest);
  out.quote();
  return true;
}
bool write_request(Record record, Out out) {
  if (record.method.empty()) return write_bad_request(out);
  if (is_absolute(record)) {
    write_parts({record.method, " ", scheme(record), record.host, record.target, " ", record.version}, out);
  } else {
    write_parts({record.method, " ", record.target, " ", record.version}, out);
  }
  return true;
}
template <std::string_view (*kPart)(Record)>
bool request_part(Record record, Out out) {
  if (record.method.empty()) return write_bad_request(out);
  write_parts({kPart(record)}, out);
  return true;
}
std::string_view method(Record record) {
  return record.method;
}
std::string_view version(Record record) {
  return record.version;
}
std::string_view path(Record record) {
  return record.target.substr(0, record.target.find('?'));
}
std::string_view query(Record record) {
  const std::size_t mark = record.target.find('?');
  return mark == std::string_view::npos ? std::string_view() : record.target.substr(mark);
}
std::string_view target(Record record) {
  return record.target;
}
/// With scheme and host where HAProxy has them.
template <std::string_view (*kPart)(Record)>
bool request_uri(Record record, Out out) {
  if (record.method.empty() || !is_absolute(record)) return request_part<kPart>(record, out);
  write_parts({scheme(record), record.host, kPart(record)}, out);
  return true;
}

// ---- captures

/// "{a|b}"; nothing if nothing is captured.
template <std::span<const std::string_view> LogCaptures::* kMember>
bool captured(Record record, Out out) {
  const auto values = record.captures.*kMember;
  if (values.empty()) return false;
  out.quote();
  out.line().put('{');
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out.line().put('|');
    out.line().hash_escaped(values[i], LogLine::Hashed::kHeader, out.flags().escaped);
  }
  out.line().put('}');
  out.quote();
  return true;
}
/// The same as a list, in which each has its own quotation marks.
template <std::span<const std::string_view> LogCaptures::* kMember>
bool captured_list(Record record, Out out) {
  const auto values = record.captures.*kMember;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out.line().put(' ');
    values[i].empty() ? out.text({}) : out.hashed(values[i], LogLine::Hashed::kHeader);
  }
  return !values.empty();
}
template <std::string_view LogCaptures::* kMember>
bool captured_cookie(Record record, Out out) {
  out.text(record.captures.*kMember);
  return true;
}

constexpr auto kMachine = LogDate::Zone::kMachine;
constexpr auto kGmt = LogDate::Zone::kGmt;
using A = AccessRecord;

constexpr LogTag kTags[] = {
    {"B", write_bytes_read, kLogNeedsLoad},
    {"CC", captured_cookie<&LogCaptures::request_cookie>},
    {"CS", captured_cookie<&LogCaptures::response_cookie>},
    {"H", write_host_name},
    {"HM", request_part<method>},
    {"HP", request_uri<path>},
    {"HPO", request_part<path>},
    {"HQ", request_part<query>},
    {"HU", request_uri<target>},
    {"HV", request_part<version>},
    {"ID", text<&A::unique_id>},
    {"ST", write_status},
    {"T", common_date<accepted, kGmt>},
    {"TR", time<request_time>},
    {"Ta", time_so_far<active_time>},
    {"Tc", time<connected_time>},
    {"Td", time<data_time>},
    {"Th", time<handshake_of>},
    {"Ti", time<idle_of>},
    {"Tl", common_date<accepted, kMachine>},
    {"Tq", time<until_request>},
    {"Tr", time<waited_for>},
    {"Ts", write_seconds},
    {"Tt", time_so_far<whole_time>},
    {"Tu", time_so_far<time_of_user>},
    {"Tw", time<queued_for>},
    {"U", write_bytes_uploaded, kLogNeedsLoad},
    {"ac", load<&A::Load::process_connections>, kLogNeedsLoad},
    {"b", write_backend},
    {"bc", load<&A::Load::backend_requests>, kLogNeedsLoad},
    {"bi", address<&A::source_address>, kLogNeedsSource},
    {"bp", port<&A::source_port, &A::source_address>, kLogNeedsSource},
    {"bq", write_no_place},
    {"ci", address<&A::client_address>},
    {"cp", port<&A::client_port, &A::client_address>},
    {"f", text<&A::frontend>},
    {"fc", load<&A::Load::frontend_connections>, kLogNeedsLoad},
    {"fi", address<&A::local_address>, kLogNeedsLocal},
    {"fp", port<&A::local_port, &A::local_address>, kLogNeedsLocal},
    {"ft", write_frontend_and_tls},
    {"hr", captured<&LogCaptures::request>},
    {"hrl", captured_list<&LogCaptures::request>},
    {"hs", captured<&LogCaptures::response>},
    {"hsl", captured_list<&LogCaptures::response>},
    {"lc", number<&A::line_number>, kLogNeedsLoad | kLogNeedsLineNumber},
    {"ms", write_milliseconds},
    {"pid", write_process},
    {"r", write_request},
    {"rc", write_retries},
    {"rt", number<&A::request_number>},
    {"s", write_server},
    {"sc", load<&A::Load::server_requests>, kLogNeedsLoad},
    {"si", write_server_address},
    {"sp", write_server_port},
    {"sq", write_no_place},
    {"sslc", text<&A::tls_cipher>},
    {"sslv", text<&A::tls_version>},
    {"t", date<accepted>},
    {"tr", date<begun>},
    {"trg", common_date<begun, kGmt>},
    {"trl", common_date<begun, kMachine>},
    {"ts", write_termination},
    {"tsc", write_termination_and_cookie},
};

}  // namespace

std::span<const LogTag> log_tags() {
  return kTags;
}

const LogTag* find_log_tag(std::string_view name) {
  const auto* const found = std::ranges::find(kTags, name, &LogTag::name);
  return found == std::end(kTags) ? nullptr : found;
}

}  // namespace reseal::stats
