// A head that was accepted, sanitized and written is accepted again and says the same: the proxy never sends
// what a strict parser refuses, and nothing is lost or made up on the way.
//
// Input: a request or response head.
#include <cstdint>
#include <string>

#include "lb/http/h1_writer.h"
#include "lb/http/sanitize.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/support/memory_sink.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http {
namespace {

constexpr HeadLimits kLimits{.head_bytes = 8192, .target_bytes = 4096, .fields = 60};
// The writer may state a field more, and write a blank where none was.
constexpr HeadLimits kLimitsOfWritten{.head_bytes = 16384, .target_bytes = 4097, .fields = 64};

bool is_of_framing(FieldName id) {
  return id == FieldName::kContentLength || id == FieldName::kTransferEncoding;
}

/// The fields that are passed on, but for Host and framing, which are stated anew.
std::string passed_on(const MessageHead& head, bool request) {
  std::string text;
  for (const Field& field : head.fields) {
    if (field.drop || is_of_framing(field.id) || (request && field.id == FieldName::kHost)) continue;
    text.append(field.name).append(": ").append(field.value).append("\n");
  }
  return text;
}

void relay_request(std::string_view bytes, bool sanitized) {
  test::ParsedRequest first(bytes, kLimits);
  RequestHead& head = first.head;
  if (!first.result) return;
  if (sanitized) {
    drop_hop_by_hop(head);
    (void)drop_untrusted_fields(head, UnderscoreFields::kDrop, false);
  }
  if (head.authority.empty()) head.authority = "local";
  reseal::test::MemorySink sink(first.pool);
  write_request_head(head, sink.output());
  const std::string text = sink.take();
  FUZZ_CHECK(find_head_end(text, 0) == text.size());

  const test::ParsedRequest second(text, kLimitsOfWritten);
  FUZZ_CHECK(second.result.has_value());
  FUZZ_CHECK(second.head.version == Version::kHttp11);
  FUZZ_CHECK(second.head.method == head.method && second.head.method_text == head.method_text);
  FUZZ_CHECK(second.head.target == head.target);
  FUZZ_CHECK(second.head.authority == head.authority);
  FUZZ_CHECK(second.head.expect_continue == (head.find(FieldName::kExpect) != nullptr));
  FUZZ_CHECK(second.head.framing.kind == head.framing.kind &&
             second.head.framing.length == head.framing.length);
  FUZZ_CHECK(passed_on(second.head, true) == passed_on(head, true));
}

void relay_response(std::string_view bytes, Method method) {
  test::ParsedResponse first(bytes, method, kLimits);
  ResponseHead& head = first.head;
  if (!first.result) return;
  drop_hop_by_hop(head);
  reseal::test::MemorySink sink(first.pool);
  const bool until_close = head.framing.kind == BodyKind::kUntilClose;
  write_response_head(head, head.framing, {.close = until_close}, sink.output());
  const std::string text = sink.take();
  FUZZ_CHECK(find_head_end(text, 0) == text.size());

  const test::ParsedResponse second(text, method, kLimitsOfWritten);
  FUZZ_CHECK(second.result.has_value());
  FUZZ_CHECK(second.head.status == head.status && second.head.reason == head.reason);
  FUZZ_CHECK(second.head.framing.kind == head.framing.kind &&
             second.head.framing.length == head.framing.length);
  FUZZ_CHECK(second.head.framing.declared == head.framing.declared);
  FUZZ_CHECK(second.head.keep_alive == !until_close);
  const std::string expected = passed_on(head, false) + (until_close ? "Connection: close\n" : "");
  FUZZ_CHECK(passed_on(second.head, false) == expected);
}

}  // namespace
}  // namespace reseal::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::http;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  relay_request(bytes, true);
  relay_request(bytes, false);
  relay_response(bytes, Method::kGet);
  relay_response(bytes, Method::kHead);
  return 0;
}
