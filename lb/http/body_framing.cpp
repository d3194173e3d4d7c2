#include "lb/http/body_framing.h"

#include <optional>

#include "lb/base/text.h"
#include "lb/http/characters.h"
#include "lb/http/sanitize.h"

namespace reseal::http {
namespace {

/// What the framing fields of a message say.
struct Stated {
  int lengths = 0;
  int codings = 0;
  std::string_view length;
  std::string_view coding;
};

Stated read_framing_fields(const MessageHead& head) {
  Stated stated;
  for (const Field& field : head.fields) {
    if (field.id == FieldName::kContentLength) {
      ++stated.lengths;
      stated.length = field.value;
    } else if (field.id == FieldName::kTransferEncoding) {
      ++stated.codings;
      stated.coding = field.value;
    }
  }
  return stated;
}

/// One Content-Length of digits only: "5, 5", "+5", "" and numbers near the end of 64 bits are refused, since
/// somebody reads them differently.
std::optional<std::uint64_t> plain_length(const Stated& stated) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 60;
  if (stated.lengths != 1) return std::nullopt;
  const auto length = parse_decimal(stated.length);
  return length && *length < kMostBytes ? length : std::nullopt;
}

/// RFC 9112 9.3. False: more Connection options than anybody needs; each is compared with every field later.
bool decide_keep_alive(MessageHead& head) {
  constexpr int kMostOptions = 64;
  bool close = false;
  bool keep = false;
  int options = 0;
  for (const Field& field : head.fields) {
    if (field.id != FieldName::kConnection) continue;
    for_each_element(field.value, [&](std::string_view option) {
      close = close || equals_ignoring_case(option, "close");
      keep = keep || equals_ignoring_case(option, "keep-alive");
      ++options;
    });
  }
  head.keep_alive = !close && (head.version == Version::kHttp11 || keep);
  return options <= kMostOptions;
}

std::unexpected<Error> ambiguous(const char* detail) {
  return fail(Code::kAmbiguousRequest, Origin::kClient, detail);
}
std::unexpected<Error> bad_response(const char* detail) {
  return fail(Code::kBadResponse, Origin::kServer, detail);
}

bool forbidden_in_trailers(FieldName id) {
  switch (id) {
    case FieldName::kAuthorization:
    case FieldName::kConnection:
    case FieldName::kContentEncoding:
    case FieldName::kContentLength:
    case FieldName::kContentType:
    case FieldName::kCookie:
    case FieldName::kExpect:
    case FieldName::kHost:
    case FieldName::kHttp2Settings:
    case FieldName::kKeepAlive:
    case FieldName::kLocation:
    case FieldName::kProxyAuthenticate:
    case FieldName::kProxyAuthorization:
    case FieldName::kProxyConnection:
    case FieldName::kRange:
    case FieldName::kSetCookie:
    case FieldName::kTe:
    case FieldName::kTrailer:
    case FieldName::kTransferEncoding:
    case FieldName::kUpgrade:
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<void> decide_request_framing(RequestHead& head) {
  if (!decide_keep_alive(head)) {
    return fail(Code::kHeadTooLarge, Origin::kClient, "more than 64 Connection options");
  }
  const Stated stated = read_framing_fields(head);
  if (stated.codings == 0 && stated.lengths == 0) {
    head.framing = {};  // RFC 9112 6.3 rule 7
    return {};
  }
  if (stated.codings != 0 && stated.lengths != 0)
    return ambiguous("both Transfer-Encoding and Content-Length");
  if (stated.lengths != 0) {
    const auto length = plain_length(stated);
    if (!length) return ambiguous("a Content-Length that is not one plain number");
    head.framing = {BodyKind::kLength, *length, false};
    return {};
  }
  if (head.version != Version::kHttp11) return ambiguous("Transfer-Encoding in an HTTP/1.0 request");
  if (stated.codings != 1) return ambiguous("more than one Transfer-Encoding");
  if (!equals_ignoring_case(stated.coding, "chunked")) {
    return fail(Code::kCodingRefused, Origin::kClient, "a Transfer-Encoding other than chunked");
  }
  head.framing = {BodyKind::kChunked, 0, false};
  return {};
}

Result<void> decide_response_framing(Method request_method, ResponseHead& head) {
  if (!decide_keep_alive(head)) return bad_response("more than 64 Connection options");
  const Stated stated = read_framing_fields(head);
  if (stated.codings != 0 && stated.lengths != 0)
    return bad_response("both Transfer-Encoding and Content-Length");
  const auto length = plain_length(stated);
  if (stated.lengths != 0 && !length) return bad_response("a Content-Length that is not one plain number");
  if (stated.codings > 1 || (stated.codings == 1 && !equals_ignoring_case(stated.coding, "chunked"))) {
    return bad_response("a Transfer-Encoding other than chunked");
  }
  if (stated.codings != 0 && head.version != Version::kHttp11) {
    return bad_response("Transfer-Encoding in an HTTP/1.0 response");
  }
  if (head.status < 200 || head.status == 204) {
    head.framing = {};
    // RFC 9110 8.6, RFC 9112 6.1: a server must not. Some take the body that is announced for one.
    const bool announces_body = stated.codings != 0 || length.value_or(0) != 0;
    if (announces_body) return bad_response("a body announced by a response that has none");
    return {};
  }
  if (request_method == Method::kHead || head.status == 304) {
    head.framing = {BodyKind::kNone, length.value_or(0), stated.lengths != 0};
    return {};
  }
  if (stated.codings != 0) {
    head.framing = {BodyKind::kChunked, 0, false};
  } else if (length) {
    head.framing = {BodyKind::kLength, *length, false};
  } else {
    head.framing = {BodyKind::kUntilClose, 0, false};
    head.keep_alive = false;
  }
  return {};
}

bool may_be_trailer(FieldName id, std::string_view name) {
  // A server that merges trailers into its variables would take "x_forwarded_for" for the real one.
  return !forbidden_in_trailers(id) && !is_own_field(id, name) && name.find('_') == std::string_view::npos;
}

std::vector<Field> parse_trailers(std::string_view text) {
  std::vector<Field> fields;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      const std::string_view name = line.substr(0, colon);
      const FieldName id = field_name(name);
      if (may_be_trailer(id, name)) {
        fields.push_back({id, false, name, trim_blanks(line.substr(colon + 1))});
      }
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 2);
  }
  return fields;
}

}  // namespace reseal::http
