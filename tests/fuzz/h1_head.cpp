// Request and response heads of any bytes: what is accepted keeps the grammar, and where a head ends does not
// depend on the pieces it came in.
//
// Input: one byte (the size of the pieces, and with its highest bit a response instead of a request), the
// head.
#include <algorithm>
#include <cstdint>

#include "lb/base/text.h"
#include "lb/http/characters.h"
#include "lb/http/h1_parser.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http {
namespace {

constexpr std::uint8_t kResponse = 0x80;

std::size_t head_end_in_pieces(std::string_view bytes, std::size_t piece) {
  std::size_t scanned = 0;
  for (std::size_t end = 0; end < bytes.size();) {
    end = std::min(end + piece, bytes.size());
    if (const std::size_t found = find_head_end(bytes.substr(0, end), scanned)) return found;
    scanned = end;
  }
  return 0;
}

/// Counted here by the text of the names, so that a name missed by the look-up of known names shows.
std::size_t count(const MessageHead& head, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(head.fields.begin(), head.fields.end(),
                    [name](const Field& field) { return equals_ignoring_case(field.name, name); }));
}

void check_fields(const MessageHead& head, const HeadLimits& limits) {
  FUZZ_CHECK(head.fields.size() <= limits.fields);
  for (const Field& field : head.fields) {
    FUZZ_CHECK(!field.name.empty() && all_chars(field.name, kTokenChar));
    FUZZ_CHECK(all_chars(field.value, kFieldChar));
    FUZZ_CHECK(trim_blanks(field.value) == field.value);
    FUZZ_CHECK(field.id == field_name(field.name));
  }
  const std::size_t lengths = count(head, "Content-Length");
  const std::size_t codings = count(head, "Transfer-Encoding");
  FUZZ_CHECK(lengths + codings <= 1);
  FUZZ_CHECK(codings == 0 || head.version == Version::kHttp11);
  FUZZ_CHECK(head.framing.kind != BodyKind::kLength || lengths == 1);
  FUZZ_CHECK(head.framing.kind != BodyKind::kChunked || codings == 1);
  FUZZ_CHECK(!head.framing.declared || lengths == 1);
}

void read_request(std::string_view bytes, bool complete) {
  // Small enough for the fuzzer to reach each of them.
  constexpr HeadLimits kLimits{.head_bytes = 1024, .target_bytes = 64, .fields = 8};
  const test::ParsedRequest parsed(bytes, kLimits);
  const RequestHead& head = parsed.head;
  if (!parsed.result) {
    FUZZ_CHECK(parsed.result.error().origin == Origin::kClient);
    FUZZ_CHECK(*parsed.result.error().detail != '\0');
    return;
  }
  FUZZ_CHECK(complete);
  FUZZ_CHECK(may_begin_request(bytes));
  FUZZ_CHECK(bytes.size() <= kLimits.head_bytes);
  check_fields(head, kLimits);
  FUZZ_CHECK(all_chars(head.method_text, kTokenChar) && head.method != Method::kConnect);
  FUZZ_CHECK(!head.target.empty() && all_chars(head.target, kTargetChar));
  // By itself: the line above asks the parser's own table.
  FUZZ_CHECK(head.target.find('#') == std::string_view::npos);
  FUZZ_CHECK(head.target.front() == '/' || (head.target == "*" && head.method == Method::kOptions));
  FUZZ_CHECK(count(head, "Host") <= 1);
  FUZZ_CHECK(head.version == Version::kHttp10 || count(head, "Host") == 1);
  FUZZ_CHECK(head.authority.empty() == (head.version == Version::kHttp10 && head.authority.empty()));
  FUZZ_CHECK(head.authority.find_first_of("/?#@, \\") == std::string_view::npos);
  FUZZ_CHECK(head.framing.kind != BodyKind::kUntilClose && !head.framing.declared);
}

void read_response(std::string_view bytes, bool complete) {
  constexpr HeadLimits kLimits{.head_bytes = 1024, .target_bytes = 0, .fields = 8};
  for (const Method method : {Method::kGet, Method::kHead}) {
    const test::ParsedResponse parsed(bytes, method, kLimits);
    const ResponseHead& head = parsed.head;
    if (!parsed.result) {
      FUZZ_CHECK(parsed.result.error().origin == Origin::kServer);
      FUZZ_CHECK(parsed.result.error().code == Code::kBadResponse);
      continue;
    }
    FUZZ_CHECK(complete);
    check_fields(head, kLimits);
    FUZZ_CHECK(head.status >= 100 && head.status <= 599);
    FUZZ_CHECK(all_chars(head.reason, kFieldChar));
    const bool no_body =
        method == Method::kHead || head.status < 200 || head.status == 204 || head.status == 304;
    FUZZ_CHECK((head.framing.kind == BodyKind::kNone) == no_body);
    FUZZ_CHECK(head.framing.kind != BodyKind::kUntilClose || !head.keep_alive);
  }
}

}  // namespace
}  // namespace reseal::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::http;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t length = find_head_end(bytes, 0);
  FUZZ_CHECK(length <= bytes.size());
  FUZZ_CHECK(head_end_in_pieces(bytes, (data[0] & 0x1f) + 1U) == length);
  // A parser that is handed half a head must refuse it and stay within it.
  const bool complete = length != 0;
  const std::string_view head = complete ? bytes.substr(0, length) : bytes;
  if ((data[0] & kResponse) != 0) {
    read_response(head, complete);
  } else {
    read_request(head, complete);
  }
  return 0;
}
