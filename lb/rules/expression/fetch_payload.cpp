// Fetches of the bytes of mode tcp: what a client has sent so far. While more may come, what is not there yet is waited for
// (inspection.h).
#include <algorithm>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/inspection.h"
#include "lb/rules/expression/rdp_cookie.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;

/// More bytes may say something else; no value for now.
bool too_short(const Call& call) {
  if (call.context.inspection != nullptr) call.context.inspection->unsettle();
  return false;
}

bool shorter_than(std::size_t enough, const Call& call) {
  call.context.inspection->lack(enough);
  return false;
}

bool fetch_length(const Call& call, Sample& out) {
  if (call.context.inspection == nullptr) return false;
  call.context.inspection->unsettle();
  out = Sample::number(static_cast<std::int64_t>(call.context.inspection->bytes().size()));
  return true;
}

/// `payload(offset,length)`; a length of 0 is all that is there.
Prepared prepare_payload(std::vector<Argument>& arguments, const Environment&) {
  if (arguments[0].integer < 0 || arguments[1].integer < 0)
    return std::unexpected("offset and length are not below 0");
  return {};
}
bool fetch_payload(const Call& call, Sample& out) {
  if (call.context.inspection == nullptr) return false;
  const std::string_view bytes = call.context.inspection->bytes();
  constexpr std::int64_t kMost = RequestBody::kMost;
  const std::int64_t offset = call.argument(0).integer;
  const std::int64_t length = call.argument(1).integer;
  if (offset > kMost || length > kMost - offset) return false;  // there will never be as much
  const auto end = static_cast<std::size_t>(offset + length);
  if (end > bytes.size()) return shorter_than(end, call);
  if (length == 0) call.context.inspection->unsettle();
  out = Sample::binary(bytes.substr(static_cast<std::size_t>(offset),
                                    length == 0 ? bytes.size() : static_cast<std::size_t>(length)));
  return true;
}

/// `payload_lv(at,size[,offset])`: the third argument's integer says where the value begins: behind the length, plus that if
/// it has a sign.
Prepared prepare_payload_lv(std::vector<Argument>& arguments, const Environment&) {
  constexpr std::int64_t kMostBytes = 8;
  if (arguments[0].integer < 0) return std::unexpected("the offset of the length is not below 0");
  if (arguments[1].integer <= 0 || arguments[1].integer > kMostBytes)
    return std::unexpected("the length has 1 to 8 bytes");
  if (arguments[0].integer > static_cast<std::int64_t>(RequestBody::kMost))
    return std::unexpected("the length is within the first 16384 bytes");
  Argument& offset = arguments[2];
  const std::int64_t behind = arguments[0].integer + arguments[1].integer;
  if (offset.text.empty()) {
    offset.integer = behind;
    return {};
  }
  const bool is_relative = offset.text.starts_with('+') || offset.text.starts_with('-');
  const auto number = parse_integer(offset.text.starts_with('+') ? offset.text.substr(1) : offset.text);
  if (!number) return std::unexpected("'" + shortened(offset.text) + "' is not an offset");
  if (__builtin_add_overflow(*number, is_relative ? behind : 0, &offset.integer) || offset.integer < 0)
    return std::unexpected("the value begins before the first byte");
  return {};
}
bool fetch_payload_lv(const Call& call, Sample& out) {
  if (call.context.inspection == nullptr) return false;
  const std::string_view bytes = call.context.inspection->bytes();
  const auto at = static_cast<std::size_t>(call.argument(0).integer);
  const auto size = static_cast<std::size_t>(call.argument(1).integer);
  if (at + size > bytes.size()) return shorter_than(at + size, call);
  std::uint64_t length = 0;
  for (const char c : bytes.substr(at, size)) length = length << 8 | static_cast<unsigned char>(c);
  const auto begin = static_cast<std::uint64_t>(call.argument(2).integer);
  constexpr std::uint64_t kMost = RequestBody::kMost;
  if (length == 0 || begin > kMost || length > kMost - begin) return false;
  if (begin + length > bytes.size()) return shorter_than(begin + length, call);
  out = Sample::binary(bytes.substr(begin, length));
  return true;
}

// ---- RDP

bool fetch_rdp_cookie(const Call& call, Sample& out) {
  if (call.context.inspection == nullptr) return false;
  const RdpCookie cookie = find_rdp_cookie(call.context.inspection->bytes(), call.argument(0).text);
  if (cookie.needs_more) return too_short(call);
  if (cookie.is_there) out = Sample::string(cookie.value);
  return cookie.is_there;
}
bool fetch_rdp_cookie_count(const Call& call, Sample& out) {
  if (call.context.inspection == nullptr) return false;
  const RdpCookie cookie = find_rdp_cookie(call.context.inspection->bytes(), call.argument(0).text);
  if (cookie.needs_more) return too_short(call);
  out = Sample::number(cookie.is_there ? 1 : 0);
  return true;
}

// ---- HTTP

/// In mode tcp: whether a whole head of an HTTP/1 request is there; never false: as HAProxy, it is true or not there.
bool fetch_is_http(const Call& call, Sample& out) {
  if (call.context.inspection == nullptr) {
    out = Sample::boolean(call.context.request != nullptr);
    return true;
  }
  std::string_view bytes = call.context.inspection->bytes();
  // An empty line before the request (RFC 9112 2.2).
  while (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  constexpr std::string_view kVersion = " HTTP/";
  const std::size_t end = bytes.find('\n');
  const std::string_view line = bytes.substr(0, end);
  // A method, and nothing that no request line has.
  const std::size_t method = std::min(line.find(' '), line.size());
  const bool may_begin =
      std::ranges::all_of(line.substr(0, method), [](char c) { return c > ' ' && c < 0x7f; }) &&
      !line.starts_with(' ') && line.find('\0') == std::string_view::npos;
  const std::size_t version = line.rfind(kVersion);
  const bool is_request = may_begin && version != std::string_view::npos && version > method;
  const bool is_whole =
      bytes.find("\r\n\r\n") != std::string_view::npos || bytes.find("\n\n") != std::string_view::npos;
  if (may_begin && (end == std::string_view::npos || (is_request && !is_whole))) return too_short(call);
  out = Sample::boolean(true);
  return is_request && is_whole;
}

/// It is over with the last rule at the latest; before that, while more is waited for, it is not.
bool fetch_wait_end(const Call& call, Sample& out) {
  if (call.context.inspection != nullptr && call.context.inspection->may_grow()) return too_short(call);
  out = Sample::boolean(true);
  return true;
}

constexpr std::uint8_t kBytes = kNeedsRequest | kNeedsBytes;

constexpr FetchRow kRows[] = {
    {"payload", "ii", Type::kBinary, kBytes, fetch_payload, prepare_payload},
    {"payload_lv", "ii?s", Type::kBinary, kBytes, fetch_payload_lv, prepare_payload_lv},
    {"rdp_cookie", "?s", Type::kString, kBytes, fetch_rdp_cookie},
    {"rdp_cookie_cnt", "?s", Type::kInteger, kBytes, fetch_rdp_cookie_count},
    {"req.len", "", Type::kInteger, kBytes, fetch_length},
    {"req.payload", "ii", Type::kBinary, kBytes, fetch_payload, prepare_payload},
    {"req.payload_lv", "ii?s", Type::kBinary, kBytes, fetch_payload_lv, prepare_payload_lv},
    {"req.proto_http", "", Type::kBool, kNeedsRequest, fetch_is_http},
    {"req.rdp_cookie", "?s", Type::kString, kBytes, fetch_rdp_cookie},
    {"req.rdp_cookie_cnt", "?s", Type::kInteger, kBytes, fetch_rdp_cookie_count},
    {"req_len", "", Type::kInteger, kBytes, fetch_length},
    {"req_proto_http", "", Type::kBool, kNeedsRequest, fetch_is_http},
    {"wait_end", "", Type::kBool, kNeedsNothing, fetch_wait_end},
};

}  // namespace

std::span<const FetchRow> payload_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
