#include "lb/http/message.h"

#include <array>

#include "lb/base/text.h"

namespace reseal::http {
namespace {

struct KnownName {
  FieldName id;
  std::string_view lower;
};

constexpr KnownName kKnownNames[] = {
    {FieldName::kAccept, "accept"},
    {FieldName::kAcceptEncoding, "accept-encoding"},
    {FieldName::kAcceptLanguage, "accept-language"},
    {FieldName::kAge, "age"},
    {FieldName::kAuthorization, "authorization"},
    {FieldName::kCacheControl, "cache-control"},
    {FieldName::kConnection, "connection"},
    {FieldName::kContentEncoding, "content-encoding"},
    {FieldName::kContentLength, "content-length"},
    {FieldName::kContentType, "content-type"},
    {FieldName::kCookie, "cookie"},
    {FieldName::kDate, "date"},
    {FieldName::kEtag, "etag"},
    {FieldName::kExpect, "expect"},
    {FieldName::kForwarded, "forwarded"},
    {FieldName::kHost, "host"},
    {FieldName::kHttp2Settings, "http2-settings"},
    {FieldName::kIfModifiedSince, "if-modified-since"},
    {FieldName::kIfNoneMatch, "if-none-match"},
    {FieldName::kKeepAlive, "keep-alive"},
    {FieldName::kLastModified, "last-modified"},
    {FieldName::kLocation, "location"},
    {FieldName::kProxyAuthenticate, "proxy-authenticate"},
    {FieldName::kProxyAuthorization, "proxy-authorization"},
    {FieldName::kProxyConnection, "proxy-connection"},
    {FieldName::kRange, "range"},
    {FieldName::kReferer, "referer"},
    {FieldName::kServer, "server"},
    {FieldName::kSetCookie, "set-cookie"},
    {FieldName::kTe, "te"},
    {FieldName::kTrailer, "trailer"},
    {FieldName::kTransferEncoding, "transfer-encoding"},
    {FieldName::kUpgrade, "upgrade"},
    {FieldName::kUserAgent, "user-agent"},
    {FieldName::kVary, "vary"},
    {FieldName::kVia, "via"},
    {FieldName::kXForwardedFor, "x-forwarded-for"},
    {FieldName::kXForwardedHost, "x-forwarded-host"},
    {FieldName::kXForwardedPort, "x-forwarded-port"},
    {FieldName::kXForwardedProto, "x-forwarded-proto"},
    {FieldName::kXRealIp, "x-real-ip"},
};
static_assert(std::size(kKnownNames) + 1 == static_cast<std::size_t>(FieldName::kCount_));

// The known names of one length, chained by index: a look-up compares a handful of candidates at most.
constexpr std::size_t kLongestKnown = 19;
struct ByLength {
  std::array<std::array<std::uint8_t, 8>, kLongestKnown + 1> ids{};
  std::array<std::uint8_t, kLongestKnown + 1> count{};
};
constexpr ByLength make_by_length() {
  ByLength table;
  for (std::size_t i = 0; i < std::size(kKnownNames); ++i) {
    const std::size_t length = kKnownNames[i].lower.size();
    table.ids[length][table.count[length]++] = static_cast<std::uint8_t>(i);
  }
  return table;
}
constexpr ByLength kByLength = make_by_length();

}  // namespace

FieldName field_name(std::string_view name) {
  if (name.empty() || name.size() > kLongestKnown) return FieldName::kOther;
  const char first = ascii_lower(name.front());
  const char last = ascii_lower(name.back());
  for (std::size_t i = 0; i < kByLength.count[name.size()]; ++i) {
    const KnownName& known = kKnownNames[kByLength.ids[name.size()][i]];
    if (known.lower.front() == first && known.lower.back() == last && equals_ignoring_case(known.lower, name)) {
      return known.id;
    }
  }
  return FieldName::kOther;
}

const Field* MessageHead::find(FieldName id) const {
  for (const Field& field : fields) {
    if (field.id == id && !field.drop) return &field;
  }
  return nullptr;
}

void MessageHead::add(FieldName id, std::string_view name, std::string_view value) {
  fields.push_back({id, false, name, value});
}

void MessageHead::drop(FieldName id) {
  for (Field& field : fields) {
    if (field.id == id) field.drop = true;
  }
}

void MessageHead::reset_message() {
  arena.clear();
  fields.clear();
  version = Version::kHttp11;
  framing = {};
  keep_alive = true;
}

void RequestHead::reset() {
  reset_message();
  method = Method::kGet;
  method_text = target = authority = {};
  expect_continue = false;
}

void ResponseHead::reset() {
  reset_message();
  status = 0;
  reason = {};
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

}  // namespace reseal::http
