#include "lb/http/h1_parser.h"

#include <cstring>
#include <utility>

#include "lb/base/text.h"
#include "lb/http/body_framing.h"
#include "lb/http/characters.h"
#include "lb/http/head_rules.h"
#include "lb/http/known_names.h"
#include "lb/http/scan.h"
#include "lb/http/upgrade.h"

namespace reseal::http {
namespace {

constexpr const char* kNoToken = "a field name with a character that is none of a token";

std::unexpected<Error> bad_request(const char* detail, Code code = Code::kBadRequest) {
  return fail(code, Origin::kClient, detail);
}

std::unexpected<Error> bad_response(const char* detail) {
  return fail(Code::kBadResponse, Origin::kServer, detail);
}

/// Takes the next line without its CRLF. Null detail: fine; otherwise what is wrong with the line end.
const char* take_line(std::string_view& rest, std::string_view& line) {
  const std::size_t feed = rest.find('\n');
  if (feed == std::string_view::npos) return "a line without its end";
  if (feed == 0 || rest[feed - 1] != '\r') return "a bare LF ends a line";
  line = rest.substr(0, feed - 1);
  rest.remove_prefix(feed + 1);
  return nullptr;
}

const char* wrong_line_end(char c) {
  if (c == '\r') return "a bare CR in a line";
  return c == '\n' ? "a bare LF ends a line" : "a control character in a field value";
}

/// What is wrong with a line that has no colon before `stop`.
const char* wrong_name(const char* stop, const char* end) {
  while (stop != end && *stop != ':' && *stop != '\n') ++stop;
  return stop != end && *stop == ':' ? kNoToken : "a field line without a colon";
}

/// The field lines up to the empty line. Null: fine; otherwise what is wrong. "" is "too many fields".
const char* parse_fields(std::string_view text, std::size_t most, std::vector<Field>& fields) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t count = 0;; ++count) {
    if (end - at >= 2 && at[0] == '\r' && at[1] == '\n')
      return at + 2 == end ? nullptr : "bytes after the empty line";
    if (count == most) return "";
    const auto [colon, stop] = scan_field_line(at, end);
    if (colon == nullptr) return wrong_name(stop, end);
    const std::string_view name(at, static_cast<std::size_t>(colon - at));
    if (name.empty()) return "an empty field name";
    const bool is_far_from_end = static_cast<std::size_t>(end - at) >= kComparedBytes;
    const FieldName id = is_far_from_end ? known_name(at, name.size()) : field_name(name);
    // Known names need no look at their characters. Refuses obs-fold (RFC 9112 5.2) and blanks before the colon (5.1)
    // too: neither is a token character.
    if (id == FieldName::kOther && !is_plain_name(name) && !all_chars(name, kTokenChar)) return kNoToken;
    if (end - stop < 2) return "a line without its end";
    if (stop[0] != '\r' || stop[1] != '\n') return wrong_line_end(*stop);
    const std::string_view value(colon + 1, static_cast<std::size_t>(stop - colon - 1));
    fields.push_back({id, false, name, trim_blanks(value)});
    at = stop + 2;
  }
}

/// absolute-form (RFC 9112 3.2.2): leaves the origin-form in head.target. Null detail: fine.
const char* split_absolute_target(RequestHead& head) {
  std::string_view rest = head.target;
  std::string_view default_port = ":80";
  if (rest.size() >= 7 && equals_ignoring_case(rest.substr(0, 7), "http://")) {
    rest.remove_prefix(7);
  } else if (rest.size() >= 8 && equals_ignoring_case(rest.substr(0, 8), "https://")) {
    rest.remove_prefix(8);
    default_port = ":443";
  } else {
    return "a target that is neither a path nor an http URL";
  }
  const std::size_t end = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, end);
  if (!is_valid_authority(authority)) return "an invalid host in the target";
  if (!head.authority.empty() && !is_same_authority(authority, head.authority, default_port)) {
    return "";  // disagrees with Host
  }
  if (head.authority.empty()) head.authority = authority;
  if (end == std::string_view::npos) {
    head.target = head.method == Method::kOptions ? "*" : "/";  // RFC 9112 3.2.4
  } else if (rest[end] == '?') {
    char* text = head.arena.allocate(rest.size() - end + 1);
    text[0] = '/';
    std::memcpy(text + 1, rest.data() + end, rest.size() - end);
    head.target = {text, rest.size() - end + 1};
  } else {
    head.target = rest.substr(end);
  }
  return nullptr;
}

Result<void> check_host(RequestHead& head) {
  const Field* host = nullptr;
  for (const Field& field : head.fields) {
    if (field.id != FieldName::kHost) continue;
    if (host != nullptr) return bad_request("more than one Host", Code::kAmbiguousRequest);
    host = &field;
  }
  if (host == nullptr) {
    if (head.version == Version::kHttp11) return bad_request("no Host in an HTTP/1.1 request");
    return {};
  }
  if (!is_valid_authority(host->value)) return bad_request("an invalid Host");
  head.authority = host->value;
  return {};
}

Result<void> check_target(RequestHead& head, const HeadLimits& limits) {
  if (head.method == Method::kConnect) {
    if (limits.allow_connect) return check_connect_target(head);
    return bad_request("CONNECT is not served", Code::kMethodRefused);
  }
  if (head.target.front() == '/') return {};
  if (head.target == "*") {
    if (head.method != Method::kOptions) return bad_request("the target * is for OPTIONS only");
    return {};
  }
  if (const char* wrong = split_absolute_target(head)) {
    if (*wrong == '\0')
      return bad_request("the target and Host name different hosts", Code::kAmbiguousRequest);
    return bad_request(wrong);
  }
  return {};
}

Result<void> parse_request_line(std::string_view line, const HeadLimits& limits, RequestHead& head) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return bad_request("no target in the request line");
  const std::size_t last = line.rfind(' ');
  head.method_text = line.substr(0, first);
  if (!is_valid_method(head.method_text)) return bad_request("an invalid method");
  head.method = method_of(head.method_text);
  if (last == first) return bad_request("no HTTP version in the request line", Code::kVersionRefused);
  head.target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (version == "HTTP/1.1") {
    head.version = Version::kHttp11;
  } else if (version == "HTTP/1.0") {
    head.version = Version::kHttp10;
  } else {
    return bad_request("an HTTP version other than 1.0 and 1.1", Code::kVersionRefused);
  }
  if (head.target.size() > limits.target_bytes) return bad_request("target too long", Code::kTargetTooLong);
  if (head.target.empty() || !is_target_text(head.target)) {
    return bad_request("a character in the target that must not be there");
  }
  return {};
}

}  // namespace

std::size_t find_head_end(std::string_view bytes, std::size_t from) {
  // The end may straddle what was looked at before: go back over "\r\n\r".
  std::size_t at = from > 3 ? from - 3 : 0;
  while (true) {
    const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
    if (found == nullptr) return 0;
    const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    // A bare LF counts as a line end here, so that a head made of them is seen, and refused, at once.
    if (feed + 1 < bytes.size() && bytes[feed + 1] == '\n') return feed + 2;
    if (feed + 2 < bytes.size() && bytes[feed + 1] == '\r' && bytes[feed + 2] == '\n') return feed + 3;
    at = feed + 1;
  }
}

bool may_begin_request(std::string_view bytes) {
  const std::size_t space = bytes.find(' ');
  const std::string_view method = bytes.substr(0, space);
  if (space == 0 || method.size() > kLongestMethod) return false;
  return all_chars(method, kTokenChar);
}

Result<void> parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head) {
  if (bytes.size() > limits.head_bytes) return bad_request("head too large", Code::kHeadTooLarge);
  std::string_view line;
  if (const char* wrong = take_line(bytes, line)) return bad_request(wrong);
  if (auto done = parse_request_line(line, limits, head); !done) return done;
  if (const char* wrong = parse_fields(bytes, limits.fields, head.fields)) {
    if (*wrong == '\0') return bad_request("too many fields", Code::kHeadTooLarge);
    return bad_request(wrong);
  }
  if (auto done = check_host(head); !done) return done;
  if (auto done = check_target(head, limits); !done) return done;
  if (auto done = check_expectation(head); !done) return done;
  note_te(head);
  if (auto done = decide_request_framing(head); !done) return done;
  return decide_tunnel_request(head);
}

Result<void> parse_response_head(std::string_view bytes, const HeadLimits& limits, Method request_method,
                                 ResponseHead& head) {
  if (bytes.size() > limits.head_bytes) return bad_response("head too large");
  std::string_view line;
  if (const char* wrong = take_line(bytes, line)) return bad_response(wrong);
  if (line.starts_with("HTTP/1.1 ")) {
    head.version = Version::kHttp11;
  } else if (line.starts_with("HTTP/1.0 ")) {
    head.version = Version::kHttp10;
  } else {
    return bad_response("not an HTTP/1 status line");
  }
  constexpr std::size_t kBeforeStatus = 9;
  const auto status = parse_decimal(line.substr(kBeforeStatus, 3));
  if (line.size() < kBeforeStatus + 3 || !status || *status < 100 || *status > 599) {
    return bad_response("an invalid status code");
  }
  head.status = static_cast<int>(*status);
  std::string_view reason = line.substr(kBeforeStatus + 3);
  if (!reason.empty() && reason.front() != ' ') return bad_response("an invalid status code");
  if (!reason.empty()) reason.remove_prefix(1);
  if (!all_chars(reason, kFieldChar)) return bad_response("a control character in the reason phrase");
  head.reason = reason;
  if (const char* wrong = parse_fields(bytes, limits.fields, head.fields)) {
    return bad_response(*wrong == '\0' ? "too many fields" : wrong);
  }
  return decide_response_framing(request_method, head);
}

}  // namespace reseal::http
