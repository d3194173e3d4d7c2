#include "lb/stats/haproxy_format.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>

#include "lb/stats/log_header.h"
#include "lb/stats/log_target.h"
#include "tests/unit/stats/access_record_example.h"

using namespace reseal;
using namespace reseal::stats;

namespace {

struct Utc {
  Utc() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  ~Utc() {
    ::unsetenv("TZ");
    ::tzset();
  }
};

/// "[upper]" gives the text behind "[" in capitals, "[none]" nothing.
class Shouted final : public LogExpression {
 public:
  explicit Shouted(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] std::optional<std::string_view> text(const LogEvaluation&) const override {
    if (text_ == "none") return std::nullopt;
    return text_;
  }

 private:
  std::string text_;
};
class Reader final : public LogExpressionReader {
 public:
  std::expected<std::shared_ptr<const LogExpression>, HaproxyFormatError> read(std::string_view text,
                                                                               std::size_t& at) override {
    const std::size_t end = text.find(']', at);
    std::string name(text.substr(at, end - at));
    if (name == "wrong") return std::unexpected(HaproxyFormatError{"no such thing", at});
    at = std::min(end, text.size());
    return std::make_shared<const Shouted>(name);
  }
};
struct Evaluation final : LogEvaluation {};

std::string line_of(std::string_view format, const AccessRecord& record) {
  const Utc utc;
  Reader reader;
  const auto compiled = HaproxyFormat::compile(format, &reader);
  if (!compiled) return "error: " + compiled.error().message;
  LogDate date;
  std::string room(16384, '\xee');
  LogLine line(room, date);
  compiled->write(record, line);
  return std::string(line.written());
}

AccessRecord full_record() {
  AccessRecord record = example_record();
  record.tls_cipher = "TLS_AES_256_GCM_SHA384";
  record.local_address = "2001:db8::1";
  record.local_port = 443;
  record.source_address = "10.0.0.1";
  record.source_port = 5;
  record.unique_id = "id-1";
  record.line_number = 11;
  record.request_number = 12;
  record.handshake_time = Microseconds(3'000);
  record.idle_time = Microseconds(20'000);
  record.request_head_bytes = 100;
  return record;
}

}  // namespace

TEST_CASE("each variable of HAProxy's is written as HAProxy writes it") {
  struct Case {
    const char* format;
    const char* line;
  };
  static constexpr std::string_view kRequest[] = {"a{b|c}\"", ""};
  static constexpr std::string_view kResponse[] = {"x"};
  AccessRecord record = full_record();
  record.captures = {kRequest, kResponse, "sid=1", ""};
  const Evaluation evaluation;
  record.evaluation = &evaluation;
  for (const Case& c : {
           Case{"%ci:%cp %fi:%fp %bi:%bp %si:%sp",
                "192.0.2.7:40123 2001:db8::1:443 10.0.0.1:5 10.0.0.11:8443"},
           {"%{+X}ci %{+X}cp %{+X}fi", "C0000207 9CBB 20010DB8000000000000000000000001"},
           {"%{+X}o%ci %{-X}cp %cp", "C0000207 40123 9CBB"},
           {"%f %ft %b %s", "front front~ web web1"},
           {"%{+Q}f %{+Q}ft %{+Q}s %{+Q}ST", "\"front\" \"front~\" \"web1\" 200"},
           {"%HM %HP %HPO %HQ %HU %HV", "GET /a /a ?b=c /a?b=c HTTP/1.1"},
           {"%r %{+Q}r", "GET /a?b=c HTTP/1.1 \"GET /a?b=c HTTP/1.1\""},
           {"%ST %B %U %ts %tsc %rc", "200 1053 105 -- ---- 0"},
           {"%TR/%Tw/%Tc/%Tr/%Ta/%Td", "0/0/3/7/12/0"},
           {"%Th %Ti %Tq %Tt %Tu", "3 20 23 35 15"},
           {"%ac/%fc/%bc/%sc %sq/%bq %lc %rt", "7/6/5/4 0/0 11 12"},
           {"%{+X}rt %{+X}Ts %ms", "000C 6B06D6A9 100"},
           {"%t %tr", "25/Nov/2026:12:38:01.100 25/Nov/2026:12:38:01.123"},
           {"%T %Tl %trg %trl",
            "25/Nov/2026:12:38:01 +0000 25/Nov/2026:12:38:01 +0000 25/Nov/2026:12:38:01 +0000 "
            "25/Nov/2026:12:38:01 +0000"},
           {"%ID %sslv %sslc", "id-1 TLSv1.3 TLS_AES_256_GCM_SHA384"},
           {"%hr %hs", "{a#7Bb#7Cc#7D#22|} {x}"},
           {"%hrl %{+Q}hrl %hsl", "a#7Bb#7Cc#7D#22 - \"a#7Bb#7Cc#7D#22\" \"\" x"},
           {"%CC %CS %{+Q}CS", "sid=1 - \"\""},
           {"100%% %{Z}f", "100% front"},
           {"%[up] %{+Q}[up] %[none] %{+Q}[none]", "up \"up\" - \"\""},
           {"%{+E}[a\"b\\]", "a\\\"b\\\\"},
       }) {
    INFO(c.format);
    CHECK(line_of(c.format, record) == c.line);
  }
}

TEST_CASE("blanks around what is not there become one, and none stands in front") {
  const AccessRecord record = full_record();
  CHECK(line_of("  %hr %hs  %f   %hr %hs %b ", record) == "front web ");
  CHECK(line_of("%HQ %f", [] {
          AccessRecord without = full_record();
          without.target = "/";
          return without;
        }()) == " front");
}

TEST_CASE("every variable of a request that was not understood is there, too") {
  AccessRecord record;
  record.frontend = "front";
  for (const LogTag& tag : log_tags()) {
    INFO(tag.name);
    const std::string line = line_of("%" + std::string(tag.name), record);
    CHECK_FALSE(line.starts_with("error"));
    const bool is_of_request = tag.name.starts_with('H') && tag.name != "H";
    if (is_of_request || tag.name == "r") CHECK(line == "<BADREQ>");
  }
}

TEST_CASE("no byte of a peer breaks out of a line") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  AccessRecord record = full_record();
  const std::string_view captured[] = {all};
  record.method = record.target = record.host = record.tls_server_name = all;
  record.captures = {captured, captured, all, all};
  for (const LogTag& tag : log_tags()) {
    for (const char* flags : {"", "{+Q}", "{+E}", "{+X}"}) {
      INFO(tag.name << flags);
      const std::string line = line_of("%" + std::string(flags) + std::string(tag.name), record);
      for (const char c : line) {
        const auto byte = static_cast<unsigned char>(c);
        REQUIRE((byte >= 0x20 && byte != 0x7f));
      }
    }
  }
}

TEST_CASE("a format that is wrong says where") {
  struct Case {
    const char* format;
    const char* message;
    std::size_t at;
  };
  for (const Case& c : {
           Case{"100% x", "a '%' without a variable behind it; a percent sign is written '%%'", 3},
           {"%", "a '%' without a variable behind it; a percent sign is written '%%'", 0},
           {"%ci %cx", "no variable '%cx'; a percent sign is written '%%'", 4},
           {"%{+Q", "no '}' behind the flags", 1},
           {"%[x", "no ']' behind the expression", 1},
           {"%[wrong]", "no such thing", 2},
       }) {
    INFO(c.format);
    Reader reader;
    const auto compiled = HaproxyFormat::compile(c.format, &reader);
    REQUIRE_FALSE(compiled);
    CHECK(compiled.error().message == c.message);
    CHECK(compiled.error().at == c.at);
  }
  CHECK_FALSE(HaproxyFormat::compile("%[x]", nullptr));
}

TEST_CASE("the header of each form is HAProxy's") {
  const Utc utc;
  struct Case {
    LogForm form;
    const char* header;
  };
  for (const Case& c : {
           Case{LogForm::kRaw, ""},
           {LogForm::kLocal, "<139>Nov 25 12:38:01 tag[7]: "},
           {LogForm::kRfc3164, "<139>Nov 25 12:38:01 host tag[7]: "},
           {LogForm::kRfc5424, "<139>1 2026-11-25T12:38:01.123456+00:00 host tag 7 - [a] "},
           {LogForm::kPriority, "<139>"},
           {LogForm::kShort, "<3>"},
           {LogForm::kTimed, "<3>2026-11-25T12:38:01.123456+00:00 "},
           {LogForm::kIso, "2026-11-25T12:38:01.123456+00:00 "},
       }) {
    LogDate date;
    std::string room(200, '\xee');
    LogLine line(room, date);
    LogHeader(c.form, {17, "host", "tag", "7"}).write(LogLevel::kError, example_record().begun, "[a]", line);
    CHECK(line.written() == c.header);
  }
}

TEST_CASE("levels and samples decide what goes to a target") {
  LogTarget target;
  target.least_severe = LogLevel::kNotice;
  CHECK_FALSE(target.takes(LogLevel::kInformational));
  CHECK(target.takes(LogLevel::kNotice));
  target.sample = std::make_shared<LogSample>(LogSample::Ranges{{1, 2}, {4, 4}}, 5);
  std::string taken;
  for (int i = 0; i < 10; ++i) taken += target.takes(LogLevel::kAlert) ? 'x' : '-';
  CHECK(taken == "xx-x-xx-x-");
  CHECK_FALSE(target.takes(LogLevel::kDebug));  // and does not count
  CHECK(target.takes(LogLevel::kAlert));

  target.header = LogHeader(LogForm::kShort, {});
  target.most_severe = LogLevel::kWarning;
  target.most_bytes = 8;
  LogDate date;
  std::string room(200, '\xee');
  LogLine line(room, date);
  target.write_header(LogLevel::kEmergency, {}, {}, line);
  line.raw("0123456789");
  target.finish(line);
  CHECK(line.written() == "<4>01234");
  target.marks_cuts = true;
  line.raw("6789");
  target.finish(line);
  CHECK(line.written() == "<4>01...");
}
