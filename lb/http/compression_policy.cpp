#include "lb/http/compression_policy.h"

#include <cstring>
#include <optional>

#include "lb/base/text.h"
#include "lb/http/characters.h"

namespace reseal::http {
namespace {

constexpr std::string_view kWeak = "W/";

/// Whether a list field of that name has this element, in any case.
bool lists(const MessageHead& head, FieldName id, std::string_view wanted) {
  bool found = false;
  for (const Field& field : head.fields) {
    if (field.id != id || field.drop) continue;
    for_each_element(field.value,
                     [&](std::string_view element) { found |= equals_ignoring_case(element, wanted); });
  }
  return found;
}

/// A digest is over the bytes as the server sent them (RFC 9530 2, RFC 3230).
bool has_digest(const ResponseHead& head) {
  for (const Field& field : head.fields) {
    if (field.drop || field.id != FieldName::kOther) continue;
    for (const std::string_view name : {"Content-Digest", "Repr-Digest", "Digest", "Content-MD5"}) {
      if (equals_ignoring_case(field.name, name)) return true;
    }
  }
  return false;
}

bool has_field(const ResponseHead& head, std::string_view name) {
  for (const Field& field : head.fields) {
    if (!field.drop && equals_ignoring_case(field.name, name)) return true;
  }
  return false;
}

bool is_coded(const ResponseHead& head) {
  for (const Field& field : head.fields) {
    if (field.id == FieldName::kContentEncoding && !field.drop &&
        !equals_ignoring_case(field.value, "identity")) {
      return true;
    }
  }
  return false;
}

bool matches_type(std::string_view pattern, std::string_view type) {
  if (pattern == "*/*") return !type.starts_with("multipart/");
  if (!pattern.ends_with("/*")) return equals_ignoring_case(pattern, type);
  const std::string_view kind = pattern.substr(0, pattern.size() - 1);
  return type.size() > kind.size() && equals_ignoring_case(type.substr(0, kind.size()), kind);
}

bool is_type_compressed(const CompressionPolicy& policy, const Field& content_type) {
  const std::string_view type = trim_blanks(content_type.value.substr(0, content_type.value.find(';')));
  for (const std::string& pattern : policy.types) {
    if (matches_type(pattern, type)) return true;
  }
  return false;
}

/// What is known of the body's size before it comes; for HEAD what GET would have sent.
std::optional<std::uint64_t> known_size(const ResponseHead& head) {
  if (head.framing.kind == BodyKind::kLength || head.framing.declared) return head.framing.length;
  return std::nullopt;
}

bool has_body(const RequestHead& request, const ResponseHead& response) {
  switch (response.framing.kind) {
    case BodyKind::kLength:
    case BodyKind::kChunked:
    case BodyKind::kUntilClose:
      return true;
    default:
      return request.method == Method::kHead;
  }
}

void add_vary(ResponseHead& head) {
  if (lists(head, FieldName::kVary, "Accept-Encoding") || lists(head, FieldName::kVary, "*")) return;
  head.add(FieldName::kVary, "Vary", "Accept-Encoding");
}

void weaken_etag(ResponseHead& head) {
  for (Field& field : head.fields) {
    if (field.id != FieldName::kEtag || field.drop || field.value.starts_with(kWeak)) continue;
    if (!field.value.starts_with('"')) {
      field.drop = true;  // no entity tag, so there is no weak form of it
      continue;
    }
    char* text = head.arena.allocate(kWeak.size() + field.value.size());
    std::memcpy(text, kWeak.data(), kWeak.size());
    std::memcpy(text + kWeak.size(), field.value.data(), field.value.size());
    field.value = {text, kWeak.size() + field.value.size()};
  }
}

/// The client has the weak tag of a compressed response; a 304 with the server's strong one would name a
/// response that it does not have (RFC 9111 4.3.4).
void match_not_modified(const RequestHead& request, ResponseHead& response) {
  add_vary(response);
  const Field* etag = response.find(FieldName::kEtag);
  if (etag == nullptr || etag->value.starts_with(kWeak)) return;
  for (const Field& field : request.fields) {
    if (field.id != FieldName::kIfNoneMatch || field.drop) continue;
    const std::size_t at = field.value.find(etag->value);
    if (at != std::string_view::npos && field.value.substr(0, at).ends_with(kWeak)) {
      weaken_etag(response);
      return;
    }
  }
}

constexpr int kNoContent = 204;
constexpr int kResetContent = 205;
constexpr int kPartialContent = 206;
constexpr int kNotModified = 304;

}  // namespace

Coding choose_coding(const CompressionPolicy& policy, const RequestHead& request, ResponseHead& response) {
  if (response.status < 200 || response.status == kNoContent || response.status == kResetContent)
    return Coding::kIdentity;
  if (is_coded(response) || has_digest(response) ||
      lists(response, FieldName::kCacheControl, "no-transform")) {
    return Coding::kIdentity;
  }
  const Field* type = response.find(FieldName::kContentType);
  const bool is_compressed_type = type != nullptr && is_type_compressed(policy, *type);
  if (response.status == kNotModified) {
    if (type == nullptr || is_compressed_type) match_not_modified(request, response);
    return Coding::kIdentity;
  }
  if (!is_compressed_type || !has_body(request, response)) return Coding::kIdentity;
  if (known_size(response).value_or(policy.min_size) < policy.min_size) return Coding::kIdentity;
  add_vary(response);
  if (response.status == kPartialContent || has_field(response, "Content-Range")) return Coding::kIdentity;
  // An HTTP/1.0 client would have to take the end of the connection for the body's, cut short or not.
  if (request.version == Version::kHttp10) return Coding::kIdentity;
  if (lists(request, FieldName::kCacheControl, "no-transform")) return Coding::kIdentity;
  return AcceptedCodings(request).best_of(policy.codings);
}

void state_coding(Coding coding, Method request_method, ResponseHead& response) {
  response.drop(FieldName::kContentEncoding);  // "identity", if anything
  response.add(FieldName::kContentEncoding, "Content-Encoding", coding_name(coding));
  for (Field& field : response.fields) {
    if (equals_ignoring_case(field.name, "Accept-Ranges")) field.drop = true;
  }
  weaken_etag(response);
  response.framing = {request_method == Method::kHead ? BodyKind::kNone : BodyKind::kChunked, 0, false};
}

}  // namespace reseal::http
