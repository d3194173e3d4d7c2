#include "lb/http/h2_fields.h"

#include <algorithm>
#include <optional>

#include "lb/base/text.h"
#include "lb/http/body_framing.h"
#include "lb/http/characters.h"
#include "lb/http/head_rules.h"
#include "lb/http/known_names.h"
#include "lb/http/sanitize.h"
#include "lb/http/scan.h"
#include "lb/http/upgrade.h"

namespace reseal::http {
namespace {

constexpr std::size_t kMostServerFields = 256;  // as from an HTTP/1 server
constexpr int kSwitchingProtocols = 101;

/// The pseudo fields of a message. What is absent is not there, which an empty one is.
struct PseudoFields {
  std::optional<std::string_view> method, scheme, authority, path, protocol, status;

  std::optional<std::string_view>* find(std::string_view name) {
    if (name == ":method") return &method;
    if (name == ":scheme") return &scheme;
    if (name == ":authority") return &authority;
    if (name == ":path") return &path;
    if (name == ":protocol") return &protocol;
    if (name == ":status") return &status;
    return nullptr;
  }
};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// What is wrong with a field's value, or null (RFC 9113 8.2.1).
const char* wrong_value(std::string_view value) {
  const char* const end = value.data() + value.size();
  if (skip_field_chars(value.data(), value.data(), end) != end) return "a control character in a field value";
  if (!value.empty() && (is_blank(value.front()) || is_blank(value.back())))
    return "a blank around a field value";
  return nullptr;
}

/// What is wrong with a regular field, or null. Sets `id`.
const char* wrong_field(const RawField& field, FieldName& id) {
  if (field.name.empty()) return "an empty field name";
  id = field_name(field.name);
  if (id != FieldName::kOther) {
    if (field.name != known_text(id)) return "an upper-case letter in a field name";
  } else if (!all_chars(field.name, kLowerTokenChar)) {
    return "a field name with a character that must not be there";
  }
  if (is_connection_specific(id)) return "a connection-specific field";
  if (id == FieldName::kTe && !equals_ignoring_case(field.value, "trailers"))
    return "a TE other than trailers";
  return wrong_value(field.value);
}

/// Splits the list into pseudo fields and the regular ones, which are copied into the head. Null: fine; otherwise what is
/// wrong.
const char* split_fields(std::span<const RawField> raw, PseudoFields& pseudo, MessageHead& head) {
  bool in_regular = false;
  for (const RawField& field : raw) {
    if (!field.name.empty() && field.name.front() == ':') {
      if (in_regular) return "a pseudo field behind a regular one";
      std::optional<std::string_view>* slot = pseudo.find(field.name);
      if (slot == nullptr) return "an unknown pseudo field";
      if (slot->has_value()) return "a pseudo field twice";
      *slot = head.arena.copy(field.value);
      continue;
    }
    in_regular = true;
    FieldName id = FieldName::kOther;
    if (const char* wrong = wrong_field(field, id)) return wrong;
    const std::string_view name = id == FieldName::kOther ? head.arena.copy(field.name) : known_text(id);
    head.fields.push_back({id, false, name, head.arena.copy(field.value)});
  }
  return nullptr;
}

/// RFC 9113 8.2.3: crumbs were split for the sake of compression only.
void join_cookies(MessageHead& head) {
  std::size_t crumbs = 0;
  std::size_t size = 0;
  for (const Field& field : head.fields) {
    if (field.id != FieldName::kCookie) continue;
    ++crumbs;
    size += field.value.size() + 2;
  }
  if (crumbs < 2) return;
  char* const text = head.arena.allocate(size);
  char* at = text;
  std::size_t kept = 0;
  Field* joined = nullptr;
  for (const Field& field : head.fields) {
    if (field.id != FieldName::kCookie) {
      head.fields[kept++] = field;
      continue;
    }
    if (joined != nullptr) at = std::copy_n("; ", 2, at);
    at = std::copy(field.value.begin(), field.value.end(), at);
    if (joined == nullptr) {
      head.fields[kept] = field;
      joined = &head.fields[kept++];
    }
  }
  joined->value = {text, static_cast<std::size_t>(at - text)};
  head.fields.resize(kept);
}

std::unexpected<Error> bad_request(const char* detail, Code code = Code::kBadRequest) {
  return fail(code, Origin::kClient, detail);
}

std::unexpected<Error> bad_response(const char* detail) {
  return fail(Code::kBadResponse, Origin::kServer, detail);
}

/// Host as a field comes first, as :authority did; the client's own is checked against it and left out.
Result<void> settle_host(const PseudoFields& pseudo, std::string_view default_port, RequestHead& head) {
  const Field* host = nullptr;
  for (Field& field : head.fields) {
    if (field.id != FieldName::kHost || &field == &head.fields.front()) continue;
    if (host != nullptr) return bad_request("more than one Host", Code::kAmbiguousRequest);
    host = &field;
  }
  if (!pseudo.authority && host == nullptr) return bad_request("neither :authority nor Host");
  head.authority = pseudo.authority ? *pseudo.authority : host->value;
  if (!is_valid_authority(head.authority)) return bad_request("an invalid :authority or Host");
  if (host != nullptr) {
    if (!is_valid_authority(host->value)) return bad_request("an invalid Host");
    if (!is_same_authority(head.authority, host->value, default_port)) {
      return bad_request(":authority and Host name different hosts", Code::kAmbiguousRequest);
    }
    head.fields.erase(head.fields.begin() + (host - head.fields.data()));
  }
  head.fields.front().value = head.authority;
  return {};
}

Result<void> settle_target(const PseudoFields& pseudo, const HeadLimits& limits, RequestHead& head) {
  if (!pseudo.path || pseudo.path->empty()) return bad_request("no :path");
  head.target = *pseudo.path;
  if (head.target.size() > limits.target_bytes) return bad_request("target too long", Code::kTargetTooLong);
  if (!is_target_text(head.target)) return bad_request("a character in :path that must not be there");
  if (head.target == "*") {
    if (head.method != Method::kOptions) return bad_request("the target * is for OPTIONS only");
  } else if (head.target.front() != '/') {
    return bad_request("a :path that does not begin with /");
  }
  return {};
}

/// RFC 9113 8.5.
Result<void> settle_connect(const PseudoFields& pseudo, const HeadLimits& limits, RequestHead& head) {
  if (!limits.allow_connect) return bad_request("CONNECT is not served", Code::kMethodRefused);
  if (pseudo.scheme || pseudo.path) return bad_request(":scheme or :path in a CONNECT");
  if (!pseudo.authority) return bad_request("no :authority in a CONNECT");
  if (auto done = settle_host(pseudo, "", head); !done) return done;
  head.target = head.authority;
  return check_connect_target(head);
}

/// Which request this is, by its pseudo fields.
Result<void> settle_request(const PseudoFields& pseudo, const HeadLimits& limits, RequestHead& head) {
  if (pseudo.status) return bad_request(":status in a request");
  if (!pseudo.method) return bad_request("no :method");
  head.method_text = *pseudo.method;
  if (!is_valid_method(head.method_text)) return bad_request("an invalid method");
  head.method = method_of(head.method_text);
  if (head.method == Method::kConnect && !pseudo.protocol) return settle_connect(pseudo, limits, head);
  if (!pseudo.scheme) return bad_request("no :scheme");
  const bool secure = equals_ignoring_case(*pseudo.scheme, "https");
  if (!secure && !equals_ignoring_case(*pseudo.scheme, "http"))
    return bad_request("a :scheme other than http and https");
  if (auto done = settle_host(pseudo, secure ? ":443" : ":80", head); !done) return done;
  if (pseudo.protocol) {
    if (head.method != Method::kConnect) return bad_request(":protocol without CONNECT");
    if (!pseudo.authority) return bad_request("no :authority in a CONNECT");
    if (!is_tunnel_protocol(*pseudo.protocol)) return bad_request("a :protocol that is not served");
    head.upgrade = *pseudo.protocol;
    head.method = Method::kGet;
    head.method_text = "GET";
  }
  return settle_target(pseudo, limits, head);
}

Result<void> settle_request_framing(bool end_stream, RequestHead& head) {
  if (auto done = decide_request_framing(head); !done) return done;
  head.keep_alive = true;  // not a matter of fields here
  const bool wants_tunnel = head.method == Method::kConnect || !head.upgrade.empty();
  if (wants_tunnel) {
    if (head.framing.kind != BodyKind::kNone) {
      return bad_request("CONNECT with a Content-Length", Code::kAmbiguousRequest);
    }
    head.framing.kind = BodyKind::kTunnel;
    return {};
  }
  if (head.framing.kind == BodyKind::kLength) {
    if (end_stream && head.framing.length != 0) {
      return bad_request("a Content-Length, and no body", Code::kAmbiguousRequest);
    }
  } else if (!end_stream) {
    head.framing.kind = BodyKind::kChunked;
  }
  return {};
}

Result<void> settle_status(const PseudoFields& pseudo, ResponseHead& head) {
  if (!pseudo.status) return bad_response("no :status");
  if (pseudo.method || pseudo.scheme || pseudo.authority || pseudo.path || pseudo.protocol) {
    return bad_response("a request's pseudo field in a response");
  }
  const auto status = parse_decimal(*pseudo.status);
  if (pseudo.status->size() != 3 || !status || *status < 100 || *status > 599) {
    return bad_response("an invalid :status");
  }
  // RFC 9113 8.6: there is none in HTTP/2.
  if (*status == kSwitchingProtocols) return bad_response("101 in HTTP/2");
  head.status = static_cast<int>(*status);
  head.reason = reason_phrase(head.status);
  return {};
}

/// The 2xx that accepts an extended CONNECT, in the form of HTTP/1.1.
void become_switching_protocols(const AskedFor& asked, ResponseHead& head) {
  head.status = kSwitchingProtocols;
  head.reason = reason_phrase(kSwitchingProtocols);
  head.upgrade = head.arena.copy(asked.upgrade);
  head.framing = {BodyKind::kTunnel, 0, false};
}

Result<void> settle_response_framing(bool end_stream, const AskedFor& asked, ResponseHead& head) {
  const bool opens_tunnel = asked.tunnel && head.status >= 200 && head.status < 300;
  if (opens_tunnel) {
    if (!asked.upgrade.empty()) {
      become_switching_protocols(asked, head);
    } else {
      head.framing = {BodyKind::kTunnel, 0, false};
    }
    return {};
  }
  if (auto done = decide_response_framing(asked.method, head); !done) return done;
  head.keep_alive = true;
  if (head.status < 200) {
    return end_stream ? Result<void>(bad_response("an informational response that ends the stream"))
                      : Result<void>();
  }
  switch (head.framing.kind) {
    case BodyKind::kUntilClose:
      // Nothing at all is better stated as such: HTTP/1 would have to mark its end.
      head.framing =
          end_stream ? Framing{BodyKind::kLength, 0, false} : Framing{BodyKind::kChunked, 0, false};
      break;
    case BodyKind::kLength:
      if (end_stream && head.framing.length != 0) return bad_response("a Content-Length, and no body");
      // Trailers may follow, which a message that states its length has no place for.
      if (!end_stream && head.framing.length == 0) head.framing = {BodyKind::kChunked, 0, false};
      break;
    default:
      break;
  }
  return {};
}

}  // namespace

Result<void> read_h2_request(std::span<const RawField> fields, bool end_stream, const HeadLimits& limits,
                             RequestHead& head) {
  head.version = Version::kHttp2;
  head.fields.push_back({FieldName::kHost, false, known_text(FieldName::kHost), {}});
  PseudoFields pseudo;
  if (const char* wrong = split_fields(fields, pseudo, head)) return bad_request(wrong);
  join_cookies(head);
  if (head.fields.size() > limits.fields) return bad_request("too many fields", Code::kHeadTooLarge);
  if (auto done = settle_request(pseudo, limits, head); !done) return done;
  if (auto done = check_expectation(head); !done) return done;
  note_te(head);
  return settle_request_framing(end_stream, head);
}

Result<void> read_h2_response(std::span<const RawField> fields, bool end_stream, const AskedFor& asked,
                              ResponseHead& head) {
  head.version = Version::kHttp2;
  PseudoFields pseudo;
  if (const char* wrong = split_fields(fields, pseudo, head)) return bad_response(wrong);
  if (head.fields.size() > kMostServerFields) return bad_response("too many fields");
  if (auto done = settle_status(pseudo, head); !done) return done;
  return settle_response_framing(end_stream, asked, head);
}

Result<void> read_h2_trailers(std::span<const RawField> fields, Origin origin, Arena& arena,
                              std::vector<Field>& trailers) {
  const Code code = origin == Origin::kClient ? Code::kBadRequest : Code::kBadResponse;
  for (const RawField& field : fields) {
    if (!field.name.empty() && field.name.front() == ':')
      return fail(code, origin, "a pseudo field in a trailer");
    FieldName id = FieldName::kOther;
    if (const char* wrong = wrong_field(field, id)) return fail(code, origin, wrong);
    if (!may_be_trailer(id, field.name)) continue;
    const std::string_view name = id == FieldName::kOther ? arena.copy(field.name) : known_text(id);
    trailers.push_back({id, false, name, arena.copy(field.value)});
  }
  return {};
}

}  // namespace reseal::http
