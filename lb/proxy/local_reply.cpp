#include "lb/proxy/local_reply.h"

#include <fmt/format.h>

#include <iterator>

#include "backends/server.h"
#include "lb/base/text.h"
#include "lb/proxy/error_policy.h"
#include "lb/proxy/grpc_status.h"

namespace reseal::proxy {
namespace {

constexpr int kOkStatus = 200;
constexpr std::string_view kPlainText = "text/plain; charset=utf-8";

/// What the head already holds is sent with it.
void send(int status, std::string_view content_type, std::string_view body, const LocalReply& reply) {
  constexpr int kNoContent = 204;
  constexpr int kNotModified = 304;
  http::ResponseHead& head = reply.head;
  head.status = status;
  head.reason = http::reason_phrase(status);
  const bool has_none = status == kNoContent || status == kNotModified;
  if (has_none) body = {};
  if (!body.empty() && !content_type.empty())
    head.add(http::FieldName::kContentType, "Content-Type", content_type);
  head.framing = has_none ? http::Framing{} : http::Framing{http::BodyKind::kLength, body.size(), false};
  reply.rules.prepare_response(head);
  reply.rules.finish_response(head);
  reply.writer.send_head(head);
  if (reply.method != http::Method::kHead && !body.empty()) reply.writer.send_body(body);
  reply.writer.send_end({});
}

bool is_unreachable(Code code) {
  switch (code) {
    case Code::kNoRoute:
    case Code::kConnectFailed:
    case Code::kConnectTimeout:
      return true;
    default:
      return backends::is_of_handshake(code);
  }
}

int http_status(const Error& error, int denied, bool unreachable_is_503) {
  constexpr int kUnavailable = 503;
  if (denied != 0) return denied;
  return unreachable_is_503 && is_unreachable(error.code) ? kUnavailable : error_reply(error.code).status;
}

/// A whole response in one head. Hints and cause words need no escaping (grpc/doc/PROTOCOL-HTTP2.md).
void send_grpc_error(int status, std::string_view hint, std::string_view cause, const LocalReply& reply) {
  http::ResponseHead& head = reply.head;
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), "{} ({})", hint, cause);
  head.add(http::FieldName::kContentType, "Content-Type", "application/grpc");
  head.add(http::FieldName::kOther, "grpc-status",
           head.arena.copy(DecimalText(static_cast<std::uint64_t>(grpc_status(status))).view()));
  head.add(http::FieldName::kOther, "grpc-message", head.arena.copy({text.data(), text.size()}));
  head.status = kOkStatus;
  head.reason = http::reason_phrase(kOkStatus);
  head.framing = {};
  reply.rules.prepare_response(head);
  reply.rules.finish_response(head);
  reply.writer.send_head(head);
  reply.writer.send_end({});
}

void forbid_storing(http::ResponseHead& head) {
  head.add(http::FieldName::kCacheControl, "Cache-Control", "no-store");
}

}  // namespace

int error_status(const Error& error, int denied, bool is_grpc, bool unreachable_is_503) {
  const int status = http_status(error, denied, unreachable_is_503);
  return is_grpc && status != 0 ? kOkStatus : status;
}

const rules::StaticBody* PagesToTry::find(int status) const {
  if (const rules::StaticBody* page = of_backend != nullptr ? of_backend->find(status) : nullptr) return page;
  return of_frontend.find(status);
}

void reply_error(const Error& error, int denied, const PagesToTry& pages, const LocalReply& reply) {
  const ErrorReply policy = error_reply(error.code);
  const int status = http_status(error, denied, reply.unreachable_is_503);
  reply.head.reset();
  if (status == 0) return;
  if (policy.close) reply.writer.close_after_response();
  if (status == 405 && !reply.is_grpc)
    reply.head.add(http::FieldName::kOther, "Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");
  if (!reply.cause_header.empty()) {
    reply.head.add(http::FieldName::kOther, reply.cause_header, code_word(error.code));
  }
  forbid_storing(reply.head);
  if (denied != 0) reply.rules.add_reply_fields(reply.head);
  if (reply.is_grpc) {
    send_grpc_error(status, policy.hint, code_word(error.code), reply);
    return;
  }
  if (const rules::StaticBody* page = pages.find(status)) {
    if (page->status != 0)
      reply.head.drop(http::FieldName::kCacheControl);  // a whole response says it itself
    for (const auto& [name, value] : page->fields) reply.head.add(http::field_name(name), name, value);
    send(page->status != 0 ? page->status : status, page->content_type, page->text, reply);
    return;
  }
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), "{} {}\n{} ({})\n", status, http::reason_phrase(status),
                 policy.hint, code_word(error.code));
  send(status, kPlainText, {text.data(), text.size()}, reply);
}

void reply_redirect(int status, const LocalReply& reply) {
  reply.head.reset();
  reply.head.add(http::FieldName::kLocation, "Location", reply.rules.location(reply.head.arena));
  forbid_storing(reply.head);
  reply.rules.add_reply_fields(reply.head);
  fmt::memory_buffer text;
  fmt::format_to(std::back_inserter(text), "{} {}\n", status, http::reason_phrase(status));
  send(status, kPlainText, {text.data(), text.size()}, reply);
}

void reply_moved(int status, std::string_view location, const LocalReply& reply) {
  reply.head.reset();
  reply.head.add(http::FieldName::kLocation, "Location", reply.head.arena.copy(location));
  forbid_storing(reply.head);
  send(status, "", "", reply);
}

void reply_static(int status, const LocalReply& reply) {
  reply.head.reset();
  reply.rules.add_reply_fields(reply.head);
  const StaticView body = reply.rules.reply_body(reply.head.arena);
  send(body.status != 0 ? body.status : status, body.content_type, body.text, reply);
}

}  // namespace reseal::proxy
