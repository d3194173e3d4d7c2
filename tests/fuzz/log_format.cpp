// Any format string is compiled or refused with a reason; whatever a peer sends, a line is one line of printable
// ASCII that keeps its bound, and JSON stays JSON and says what was sent.
//
// Input: a format string, up to the first line feed; then text from peers, split by NUL into method, host, target,
// SNI and header values.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "lb/stats/log_format.h"
#include "tests/fuzz/fuzz_check.h"

namespace reseal::stats {
namespace {

constexpr std::size_t kParts = 6;

struct Sent {
  std::array<std::string_view, kParts> parts;
};

std::string_view header(const void* head, std::string_view name) {
  const auto& sent = *static_cast<const Sent*>(head);
  return sent.parts[name.size() % 2 == 0 ? 4 : 5];
}

Sent split(std::string_view text) {
  Sent sent;
  for (std::string_view& part : sent.parts) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return sent;
}

std::string line_of(const LogFormat& format, const AccessRecord& record) {
  constexpr std::size_t kGuard = 64;
  LogDate date;
  std::string room(LogFormat::kMostLine + kGuard, '\xee');
  LogLine line({room.data(), LogFormat::kMostLine}, date);
  format.write(record, line);
  const std::size_t size = line.size();
  FUZZ_CHECK(size <= LogFormat::kMostLine);
  FUZZ_CHECK(std::all_of(room.begin() + static_cast<std::ptrdiff_t>(LogFormat::kMostLine), room.end(),
                         [](char c) { return c == '\xee'; }));
  room.resize(size);
  return room;
}

bool is_printable(char c) {
  return c >= 0x20 && c < 0x7f;
}

/// In HAProxy's language, whose captured cookies are passed on as they are but for what would end a line.
void check_haproxy(std::string_view text, AccessRecord record, std::string_view captured) {
  record.captures.request = record.captures.response = {&captured, 1};
  record.captures.request_cookie = record.captures.response_cookie = captured;
  auto compiled = HaproxyFormat::compile(text, nullptr);
  if (!compiled) {
    FUZZ_CHECK(!compiled.error().message.empty() && compiled.error().at <= text.size());
    return;
  }
  for (const char c : line_of(LogFormat(std::move(*compiled)), record)) {
    const auto byte = static_cast<unsigned char>(c);
    FUZZ_CHECK(byte >= 0x20 && byte != 0x7f);
  }
}

/// What a JSON text of characters up to U+00FF stands for.
std::string bytes_of(const std::string& utf8) {
  std::string bytes;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      bytes.push_back(utf8[i]);
      continue;
    }
    FUZZ_CHECK((byte & 0xfe) == 0xc2 && i + 1 < utf8.size());
    bytes.push_back(static_cast<char>((byte & 3) << 6 | (static_cast<unsigned char>(utf8[++i]) & 0x3f)));
  }
  return bytes;
}

void check_json(const std::string& line, const AccessRecord& record) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  FUZZ_CHECK(json.is_object());
  FUZZ_CHECK(json["cause"] == std::string(code_word(record.cause)));
  FUZZ_CHECK(json.contains("target") == !record.target.empty());
  if (record.target.empty()) return;
  std::string target = bytes_of(json["target"]);
  if (target == record.target) return;
  // Too long to be told in full.
  FUZZ_CHECK(record.target.size() > 300 && target.ends_with("..."));
  target.resize(target.size() - 3);
  FUZZ_CHECK(record.target.starts_with(target));
}

}  // namespace
}  // namespace reseal::stats

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal;
  using namespace reseal::stats;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  const std::string_view own = input.substr(0, end);
  const Sent sent = split(input.substr(std::min(end + 1, input.size())));

  AccessRecord record;
  record.begun = WallTime(Microseconds(1'795'610'281'123'456));
  record.frontend = "front";
  record.client_address = "192.0.2.7";
  record.method = sent.parts[0];
  record.host = sent.parts[1];
  record.target = sent.parts[2];
  record.tls_server_name = sent.parts[3];
  record.version = "HTTP/1.1";
  record.cause = static_cast<Code>(size % static_cast<std::size_t>(Code::kCount_));
  record.phase = static_cast<RequestPhase>(size % 5);
  record.status = 200;
  record.find_request_field = record.find_response_field = header;
  record.request_head = record.response_head = &sent;

  for (const std::string_view format :
       {std::string_view("json"), std::string_view("httplog"), std::string_view("tcplog"), own}) {
    const auto compiled = LogFormat::compile(format);
    if (!compiled) {
      FUZZ_CHECK(format.data() == own.data() && !compiled.error().message.empty());
      continue;
    }
    const std::string line = line_of(*compiled, record);
    if (format.data() == own.data() && !std::ranges::all_of(own, is_printable))
      continue;  // the operator's own text
    FUZZ_CHECK(std::ranges::all_of(line, is_printable));
    if (format == "json") check_json(line, record);
    if (format == "httplog") FUZZ_CHECK(std::ranges::count(line, '"') == 2);
  }
  check_haproxy(own, record, sent.parts[0]);
  return 0;
}
