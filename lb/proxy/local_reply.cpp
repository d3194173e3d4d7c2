#include "lb/proxy/local_reply.h"

#include <fmt/format.h>

#include <iterator>

#include "lb/proxy/error_policy.h"

namespace reseal::proxy {
namespace {

void send_text(int status, std::string_view text, http::Method method, http::ResponseHead& head,
               http::ResponseWriter& writer) {
  head.status = status;
  head.reason = http::reason_phrase(status);
  head.add(http::FieldName::kContentType, "Content-Type", "text/plain; charset=utf-8");
  head.add(http::FieldName::kCacheControl, "Cache-Control", "no-store");
  head.framing = {http::BodyKind::kLength, text.size()};
  writer.send_head(head);
  if (method != http::Method::kHead) writer.send_body(text);
  writer.send_end({});
}

}  // namespace

int reply_error(const Error& error, http::Method method, http::ResponseHead& head,
                http::ResponseWriter& writer, std::string_view cause_header) {
  const ErrorReply reply = error_reply(error.code);
  head.reset();
  if (reply.status == 0) return 0;
  if (reply.close) writer.close_after_response();
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), "{} {}\n{} ({})\n", reply.status,
                 http::reason_phrase(reply.status), reply.hint, code_word(error.code));
  if (reply.status == 405)
    head.add(http::FieldName::kOther, "Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");
  if (!cause_header.empty()) head.add(http::FieldName::kOther, cause_header, code_word(error.code));
  send_text(reply.status, {text.data(), text.size()}, method, head, writer);
  return reply.status;
}

void reply_redirect(std::string_view location, http::Method method, http::ResponseHead& head,
                    http::ResponseWriter& writer) {
  constexpr int kPermanentRedirect = 308;  // keeps method and body, RFC 9110 15.4.9
  head.reset();
  head.add(http::FieldName::kLocation, "Location", location);
  send_text(kPermanentRedirect, "308 Permanent Redirect\n", method, head, writer);
}

}  // namespace reseal::proxy
