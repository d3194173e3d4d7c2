#include "lb/proxy/websocket_handshake.h"

#include "lb/base/text.h"
#include "tls/websocket_key.h"

namespace reseal::proxy {
namespace {

constexpr std::string_view kKeyName = "sec-websocket-key";
constexpr std::string_view kAcceptName = "sec-websocket-accept";

bool is_named(const http::Field& field, std::string_view name) {
  return !field.drop && field.id == http::FieldName::kOther && equals_ignoring_case(field.name, name);
}

}  // namespace

void WebSocketHandshake::look_at_request(http::RequestHead& head) {
  if (!equals_ignoring_case(head.upgrade, "websocket")) return;
  is_ours_ = head.version == http::Version::kHttp2;
  for (http::Field& field : head.fields) {
    if (!is_named(field, kKeyName)) continue;
    key_ = field.value;
    field.drop = is_ours_;
  }
  if (!is_ours_) return;
  key_ = head.arena.copy(tls::new_websocket_key());
  head.add(http::FieldName::kOther, kKeyName, key_);
}

Result<void> WebSocketHandshake::look_at_response(http::ResponseHead& head) const {
  const bool from_http2 = head.version == http::Version::kHttp2;
  if (from_http2 == is_ours_) return {};
  const std::string accept = tls::websocket_accept(key_);
  if (from_http2) {
    head.add(http::FieldName::kOther, kAcceptName, head.arena.copy(accept));
    return {};
  }
  int right = 0;
  int lines = 0;
  for (const http::Field& field : head.fields) {
    if (!is_named(field, kAcceptName)) continue;
    ++lines;
    if (field.value == accept) ++right;
  }
  if (lines == 1 && right == 1) return {};
  return fail(Code::kBadResponse, Origin::kServer,
              "a WebSocket whose Sec-WebSocket-Accept does not answer the key");
}

}  // namespace reseal::proxy
