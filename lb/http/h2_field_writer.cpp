#include "lb/http/h2_field_writer.h"

#include "lb/http/known_names.h"
#include "lb/http/sanitize.h"

namespace reseal::http {
namespace {

constexpr int kSwitchingProtocols = 101;
constexpr std::size_t kShortCookie = 20;

/// nghttp2 takes what it does not change as not const.
std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

/// Stated by pseudo fields or by the framing, or without meaning in HTTP/2 (RFC 9113 8.2.2).
bool is_stated_otherwise(FieldName id) {
  return is_connection_specific(id) || id == FieldName::kContentLength || id == FieldName::kHost ||
         id == FieldName::kTe;
}

/// The handshake of RFC 6455, which RFC 8441 does without.
bool is_websocket_handshake(const Field& field) {
  return field.id == FieldName::kOther && (equals_ignoring_case(field.name, "sec-websocket-key") ||
                                           equals_ignoring_case(field.name, "sec-websocket-accept"));
}

/// A secret that is short enough to be guessed by watching compressed sizes stays out of the table (RFC 7541 7.1).
std::uint8_t secrecy_flags(const Field& field) {
  const bool secret = field.id == FieldName::kAuthorization ||
                      (field.id == FieldName::kCookie && field.value.size() < kShortCookie);
  return secret ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
}

}  // namespace

void H2FieldWriter::add_static(std::string_view name, std::string_view value, std::uint8_t flags) {
  const auto all = static_cast<std::uint8_t>(flags | NGHTTP2_NV_FLAG_NO_COPY_NAME);
  list_.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), all});
}

void H2FieldWriter::add_fields(std::span<const Field> fields, bool in_tunnel) {
  for (const Field& field : fields) {
    if (field.drop || is_stated_otherwise(field.id)) continue;
    if (in_tunnel && is_websocket_handshake(field)) continue;
    const std::uint8_t flags = secrecy_flags(field);
    if (field.id != FieldName::kOther) {
      add_static(known_text(field.id), field.value, flags);
    } else {
      list_.push_back(
          {bytes_of(field.name), bytes_of(field.value), field.name.size(), field.value.size(), flags});
    }
  }
}

void H2FieldWriter::add_framing(const Framing& framing) {
  if (framing.kind != BodyKind::kLength && !(framing.kind == BodyKind::kNone && framing.declared)) return;
  length_ = DecimalText(framing.length);
  add_static("content-length", length_.view());
}

std::span<const nghttp2_nv> H2FieldWriter::request(const RequestHead& head, std::string_view scheme) {
  list_.clear();
  const bool extended_connect = !head.upgrade.empty();
  const bool connect = head.method == Method::kConnect;
  add_static(":method", extended_connect ? "CONNECT" : head.method_text);
  if (extended_connect) add_static(":protocol", head.upgrade);
  if (!connect) {
    add_static(":scheme", scheme, NGHTTP2_NV_FLAG_NO_COPY_VALUE);
    add_static(":path", head.target);
  }
  add_static(":authority", head.authority);
  add_fields(head.fields, extended_connect);
  if (head.accepts_trailers) add_static("te", "trailers", NGHTTP2_NV_FLAG_NO_COPY_VALUE);
  add_framing(head.framing);
  return list_;
}

std::span<const nghttp2_nv> H2FieldWriter::response(const ResponseHead& head, const Framing& framing) {
  list_.clear();
  const bool switches = head.status == kSwitchingProtocols;
  const int status = switches ? 200 : head.status;
  status_ = {static_cast<char>('0' + status / 100), static_cast<char>('0' + status / 10 % 10),
             static_cast<char>('0' + status % 10)};
  add_static(":status", {status_.data(), status_.size()});
  add_fields(head.fields, switches);
  add_framing(framing);
  return list_;
}

std::span<const nghttp2_nv> H2FieldWriter::trailers(std::span<const Field> fields) {
  list_.clear();
  add_fields(fields, false);
  return list_;
}

}  // namespace reseal::http
