#include "lb/stats/log_format.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

#include "lb/stats/termination_state.h"
#include "tests/unit/stats/access_record_example.h"

using namespace reseal;
using namespace reseal::stats;

namespace {

/// Dates are in the machine's zone: here in UTC, unless a test says otherwise.
struct TimeZone {
  explicit TimeZone(const char* name) {
    ::setenv("TZ", name, 1);
    ::tzset();
  }
  ~TimeZone() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

std::string line_of(const LogFormat& format, const AccessRecord& record) {
  const TimeZone utc("UTC");
  LogDate date;
  std::string room(LogFormat::kMostLine, '\xee');
  LogLine line(room, date);
  format.write(record, line);
  return std::string(line.written()) + "\n";
}

std::string line_of(const std::string& format, const AccessRecord& record) {
  const auto compiled = LogFormat::compile(format);
  REQUIRE(compiled);
  return line_of(*compiled, record);
}

std::string all_bytes() {
  std::string text;
  for (int byte = 0; byte < 256; ++byte) text.push_back(static_cast<char>(byte));
  return text;
}

}  // namespace

TEST_CASE("each field of a format of one's own is written as it is known") {
  struct Case {
    const char* format;
    const char* line;
  };
  for (const Case& c : {
           Case{"{time}", "2026-11-25T12:38:01.123+00:00\n"},
           {"{mode} {frontend}", "http front\n"},
           {"{client_address}:{client_port}", "192.0.2.7:40123\n"},
           {"{tls_version} {tls_server_name}", "TLSv1.3 www.example.org\n"},
           {"{method} {target} {version}", "GET /a?b=c HTTP/1.1\n"},
           {"{host}{path}", "www.example.org/a\n"},
           {"{status} {answered_by} {cause} {phase}", "200 server ok -\n"},
           {"{backend}/{server}@{server_address}", "web/web1@10.0.0.11:8443\n"},
           {"{retries} {reused}", "0 0\n"},
           {"{request_bytes} {response_bytes}", "5 1000\n"},
           {"{head_ms} {queue_ms} {connect_ms} {tls_ms} {first_byte_ms} {total_ms}",
            "0.500 0.000 1.200 2.300 7.900 12.345\n"},
           {"\"{user_agent}\" {referer}", "\"curl/7.88\" -\n"},
           {"{request_header:X-Request-Id} {request_header:X-No}", "r-1 -\n"},
           {"{response_header:Content-Type}", "text/plain\n"},
           {"{{\"m\":\"{method}\"}}", "{\"m\":\"GET\"}\n"},
       }) {
    INFO(c.format);
    CHECK(line_of(c.format, example_record()) == c.line);
  }
}

TEST_CASE("what did not happen is a dash, and absent from JSON") {
  const AccessRecord nothing;
  CHECK(line_of("{status} {server} {connect_ms} {method} {host} {retries}", nothing) == "- - - - - -\n");
  const auto json = nlohmann::json::parse(line_of("json", nothing));
  for (const char* name : {"status", "server", "connect_ms", "method", "retries", "phase"}) {
    INFO(name);
    CHECK_FALSE(json.contains(name));
  }
  CHECK(json["cause"] == "ok");
  CHECK(json["answered_by"] == "nobody");
}

TEST_CASE("JSON is one object a line, with every field and its kind") {
  AccessRecord record = example_record();
  record.cause = Code::kServerTruncated;
  const auto json = nlohmann::json::parse(line_of("json", record));
  for (const LogField& field : log_fields()) {
    if (!field.in_json || field.name == "referer") continue;
    INFO(field.name);
    REQUIRE(json.contains(field.name));
    CHECK(json[std::string(field.name)].is_string() == (field.kind == LogField::Kind::kText));
  }
  CHECK(json["status"] == 200);
  CHECK(json["cause"] == "server_truncated");
  CHECK(json["phase"] == "response_body");
  CHECK(json["total_ms"] == 12.345);
  CHECK(json["user_agent"] == "curl/7.88");
}

TEST_CASE("no byte of a request ends a line, a quotation or a JSON string") {
  AccessRecord record = example_record();
  const std::string evil = all_bytes() + "\"},{\"status\":200\r\nHTTP \\";
  record.method = record.host = record.target = record.tls_server_name = evil;
  record.find_request_field = [](const void*, std::string_view) {
    return std::string_view("a\"b\\c\r\nd\0e", 10);
  };
  for (const char* format : {"json", "httplog", "tcplog",
                             "\"{method}\" \"{host}\" \"{target}\" \"{path}\" \"{user_agent}\" "
                             "\"{tls_server_name}\" \"{request_header:X}\""}) {
    INFO(format);
    const std::string line = line_of(format, record);
    REQUIRE(line.ends_with('\n'));
    for (const char c : line.substr(0, line.size() - 1)) REQUIRE((c >= 0x20 && c < 0x7f));
  }
  const auto json = nlohmann::json::parse(line_of("json", record));
  // Every byte comes back as the character of its number.
  std::string back;
  for (const char32_t c : [&] {
         std::u32string wide;
         const std::string utf8 = json["target"];
         for (std::size_t i = 0; i < utf8.size(); ++i) {
           const auto byte = static_cast<unsigned char>(utf8[i]);
           wide.push_back(byte < 0x80
                              ? byte
                              : static_cast<char32_t>((byte & 0x1f) << 6 |
                                                      (static_cast<unsigned char>(utf8[++i]) & 0x3f)));
         }
         return wide;
       }()) {
    back.push_back(static_cast<char>(c));
  }
  CHECK(back == evil);
  CHECK(json["user_agent"] == std::string("a\"b\\c\r\nd\0e", 10));
}

TEST_CASE("a field takes no more than its share, and says that it was cut") {
  for (const char* const filling : {"x", "\"", "\x01", "x\x01"}) {
    std::string long_text;
    while (long_text.size() < 40'000) long_text += filling;
    AccessRecord record = example_record();
    record.target = record.host = record.method = long_text;
    for (const LogField& field : log_fields()) {
      INFO(field.name << " of " << static_cast<int>(filling[0]));
      const std::string line = line_of("{" + std::string(field.name) + "}", record);
      CHECK(line.size() - 1 <= field.most);
      if (field.name == "target" || field.name == "host") {
        CHECK(line.ends_with("...\n"));
        CHECK(line.size() - 1 > field.most - 9);
      }
    }
    CHECK(nlohmann::json::accept(line_of("json", record)));
    CHECK(line_of("httplog", record).size() < LogFormat::kMostLine);
  }
}

TEST_CASE("a text that just fits is not cut") {
  const std::size_t most = find_log_field("target")->most;
  for (const std::size_t size : {most - 4, most - 3, most - 1, most}) {
    const std::string target(size, 'x');
    AccessRecord record;
    record.target = target;
    CHECK(line_of("{target}", record) == target + "\n");
  }
  const std::string target(most + 1, 'x');
  AccessRecord record;
  record.target = target;
  CHECK(line_of("{target}", record) == target.substr(0, most - 3) + "...\n");
}

TEST_CASE("a line never leaves the room it is given") {
  AccessRecord record = example_record();
  for (const char* format : {"json", "httplog", "tcplog", "{time} {target} {client_port} {total_ms}"}) {
    const auto compiled = LogFormat::compile(format);
    REQUIRE(compiled);
    for (std::size_t size = 1; size < 200; ++size) {
      std::string room(size + 8, '\xee');
      LogDate date;
      LogLine line({room.data(), size}, date);
      compiled->write(record, line);
      REQUIRE(line.size() <= size);
      REQUIRE(room.substr(size) == std::string(8, '\xee'));
    }
  }
}

TEST_CASE("a format that cannot be used says why") {
  struct Case {
    std::string format;
    const char* message;
    const char* unknown;
  };
  std::string endless;
  for (int i = 0; i < 9; ++i) endless += "{target}";
  for (const Case& c : {
           Case{"", "it names no field", ""},
           {"jsno", "it names no field", ""},
           {"{clientaddress}", "there is no field 'clientaddress'", "clientaddress"},
           {"{}", "there is no field ''", ""},
           {"{status", "the '{' at character 1 is not closed", ""},
           {"{status} }", "the '}' at character 10 closes nothing", ""},
           {"{status}\n", "it holds a control character", ""},
           {"{request_header:}", "'' is no name of a header field", ""},
           {"{request_header:a b}", "'a b' is no name of a header field", ""},
           {endless, "its lines could be 18433 bytes long", ""},
       }) {
    INFO(c.format);
    const auto compiled = LogFormat::compile(c.format);
    REQUIRE_FALSE(compiled);
    CHECK_THAT(compiled.error().message, Catch::Contains(c.message));
    CHECK(compiled.error().unknown_field == c.unknown);
  }
}

TEST_CASE("httplog and tcplog are HAProxy's lines") {
  AccessRecord record = example_record();
  CHECK(
      line_of("httplog", record) ==
      "192.0.2.7:40123 [25/Nov/2026:12:38:01.123] front~ web/web1 0/0/3/7/12 200 1053 - - ---- 7/6/5/4/0 0/0 "
      "\"GET /a?b=c HTTP/1.1\"\n");
  CHECK(line_of("tcplog", record) ==
        "192.0.2.7:40123 [25/Nov/2026:12:38:01.123] front~ web/web1 0/3/12 1053 -- 7/6/5/4/0 0/0\n");
  record.retries = 2;
  record.redispatched = true;
  CHECK_THAT(line_of("httplog", record), Catch::Contains(" 7/6/5/4/+2 0/0 "));
}

TEST_CASE("httplog of HTTP/2 has the whole URI") {
  AccessRecord record = example_record();
  record.version = "HTTP/2.0";
  CHECK_THAT(line_of("httplog", record), Catch::EndsWith("\"GET https://www.example.org/a?b=c HTTP/2.0\"\n"));
  record.secure = false;
  CHECK_THAT(line_of("httplog", record), Catch::EndsWith("\"GET http://www.example.org/a?b=c HTTP/2.0\"\n"));
  record.target = "*";
  CHECK_THAT(line_of("httplog", record), Catch::EndsWith("\"GET * HTTP/2.0\"\n"));
}

TEST_CASE("httplog of a request that was not understood names no request, no server and no times") {
  AccessRecord record;
  record.begun = example_record().begun;
  record.frontend = "front";
  record.client_address = "::1";
  record.client_port = 1;
  record.status = 400;
  record.answerer = Answerer::kReseal;
  record.cause = Code::kBadRequest;
  record.head_time = Microseconds(300'000);
  CHECK(line_of("httplog", record) ==
        "::1:1 [25/Nov/2026:12:38:01.123] front front/<NOSRV> -1/-1/-1/-1/300 400 0 - - PR-- 0/0/0/0/0 0/0 "
        "\"<BADREQ>\"\n");
}

TEST_CASE("httplog escapes as HAProxy does, and cuts the request line where it does") {
  AccessRecord record = example_record();
  record.target = "/\"#\x7f\xc3\x01 {|}";
  CHECK_THAT(line_of("httplog", record), Catch::EndsWith("\"GET /#22#23#7F#C3#01 {|} HTTP/1.1\"\n"));
  const std::string target(2000, '/');
  record.target = target;
  CHECK_THAT(line_of("httplog", record), Catch::EndsWith("\"GET " + target.substr(0, 1019) + "\"\n"));
}

TEST_CASE("the bytes of a head are counted as HAProxy counts them") {
  // HAProxy 2.6 logs 57 for "HTTP/1.1 200 OK, Content-Length: 4, X-A: b" and four bytes of body, 64 for a chunked
  // one of five.
  CHECK(haproxy_head_size(2, 14 + 1 + 3 + 1, false) + 4 == 57);
  CHECK(haproxy_head_size(2, 17 + 7, true) + 5 == 64);
}

TEST_CASE("every cause in every phase has HAProxy's two letters") {
  const std::string blame = "CcPSsRKIDU";
  const std::string phases = "RQCHD";
  for (int code = 1; code < static_cast<int>(Code::kCount_); ++code) {
    for (int phase = 0; phase < 5; ++phase) {
      const auto state =
          termination_state(static_cast<Code>(code), static_cast<RequestPhase>(phase), Answerer::kReseal);
      INFO(code_word(static_cast<Code>(code)) << ": " << state);
      REQUIRE(state.size() == 2);
      if (static_cast<Code>(code) == Code::kNoRoute) {
        CHECK(state == "SC");  // HAProxy names the server that is not there, whose connection it has come to
        continue;
      }
      CHECK(blame.find(state[0]) != std::string::npos);
      CHECK(state[1] == phases[static_cast<std::size_t>(phase)]);
      // Whose fault it is and whom HAProxy would name agree.
      const auto fault = fault_of(static_cast<Code>(code));
      if (fault == Origin::kClient) CHECK(std::string("CcP").find(state[0]) != std::string::npos);
      if (fault == Origin::kServer) CHECK(std::string("SsPDU").find(state[0]) != std::string::npos);
      if (fault == Origin::kLocal) CHECK(std::string("RKIs").find(state[0]) != std::string::npos);
    }
  }
  CHECK(termination_state(Code::kOk, RequestPhase::kResponseBody, Answerer::kServer) == "--");
  CHECK(termination_state(Code::kOk, RequestPhase::kRequest, Answerer::kReseal) == "LR");
  CHECK(termination_state(Code::kConnectTimeout, RequestPhase::kConnect, Answerer::kReseal) == "sC");
  CHECK(termination_state(Code::kServerClosed, RequestPhase::kResponseHead, Answerer::kReseal) == "SH");
  for (const auto& [cause, http, tcp] :
       {std::tuple{Code::kServerWentDown, "DD", "D-"}, std::tuple{Code::kBackupRelieved, "UD", "U-"}}) {
    CHECK(termination_state(cause, RequestPhase::kResponseBody, Answerer::kServer) == http);
    CHECK(termination_state(cause, RequestPhase::kResponseBody, Answerer::kServer, LogMode::kTcp) == tcp);
  }
}

TEST_CASE("dates are in the machine's time zone, also where it changes") {
  struct Case {
    const char* zone;
    std::int64_t second;
    const char* rfc3339;
    const char* haproxy;
    const char* rfc3164;
  };
  for (const Case& c : {
           Case{"UTC", 0, "1970-01-01T00:00:00.007+00:00", "01/Jan/1970:00:00:00.007", "Jan  1 00:00:00"},
           {"UTC", 1'709'210'096, "2024-02-29T12:34:56.007+00:00", "29/Feb/2024:12:34:56.007",
            "Feb 29 12:34:56"},
           // Europe/Berlin, spelled out so that no zone files are needed: summer time ends at 01:00 UTC.
           {"CET-1CEST,M3.5.0,M10.5.0/3", 1'761'440'399, "2025-10-26T02:59:59.007+02:00",
            "26/Oct/2025:02:59:59.007", "Oct 26 02:59:59"},
           {"CET-1CEST,M3.5.0,M10.5.0/3", 1'761'440'400, "2025-10-26T02:00:00.007+01:00",
            "26/Oct/2025:02:00:00.007", "Oct 26 02:00:00"},
           {"NST3:30", 1'709'210'096, "2024-02-29T09:04:56.007-03:30", "29/Feb/2024:09:04:56.007",
            "Feb 29 09:04:56"},
       }) {
    INFO(c.zone << " " << c.second);
    const TimeZone zone(c.zone);
    LogDate date;
    const WallTime before{std::chrono::seconds(c.second - 1)};
    (void)date.rfc3339(before);
    const WallTime time{std::chrono::seconds(c.second) + Microseconds(7'999)};
    CHECK(date.rfc3339(time) == c.rfc3339);
    CHECK(date.haproxy(time) == c.haproxy);
    CHECK(date.rfc3164(time) == c.rfc3164);
  }
}

TEST_CASE("docs/access-log.md explains each field, and none that does not exist") {
  std::ifstream file(RESEAL_DOCS "/access-log.md");
  REQUIRE(file);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const std::regex row(R"re(\n\| `([a-z_0-9]+)` \| (text|number) \|)re");
  std::map<std::string, bool> documented;
  for (std::sregex_iterator it(text.begin(), text.end(), row), end; it != end; ++it) {
    documented[(*it)[1]] = (*it)[2] == "text";
  }
  std::map<std::string, bool> known;
  for (const LogField& field : log_fields()) {
    known[std::string(field.name)] = field.kind == LogField::Kind::kText;
  }
  CHECK(documented == known);
}
