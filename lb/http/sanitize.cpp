#include "lb/http/sanitize.h"

#include "lb/base/text.h"
#include "lb/http/characters.h"

namespace reseal::http {
namespace {

/// RFC 9110 7.6.1, and what concerns this hop's framing or this proxy only. Trailer stays: trailers are
/// passed on.
bool is_hop_by_hop(FieldName id) {
  switch (id) {
    case FieldName::kConnection:
    case FieldName::kContentLength:
    case FieldName::kHttp2Settings:
    case FieldName::kKeepAlive:
    case FieldName::kProxyAuthenticate:
    case FieldName::kProxyAuthorization:
    case FieldName::kProxyConnection:
    case FieldName::kTe:
    case FieldName::kTransferEncoding:
    case FieldName::kUpgrade:
      return true;
    default:
      return false;
  }
}

/// Naming one of these in Connection would take away what servers and proxies rely on (CVE-2022-31813,
/// CVE-2024-45410).
bool may_be_nominated(FieldName id) {
  switch (id) {
    case FieldName::kAuthorization:
    case FieldName::kCacheControl:
    case FieldName::kCookie:
    case FieldName::kExpect:
    case FieldName::kHost:
      return false;
    default:
      return true;
  }
}

/// Equal when case and the difference between '_' and '-' do not count: many servers turn both into one
/// variable.
bool same_variable(std::string_view name, std::string_view wanted) {
  if (name.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i] == '_' ? '-' : ascii_lower(name[i]);
    if (c != wanted[i]) return false;
  }
  return true;
}

constexpr std::string_view kForwardingPrefix = "x-forwarded-";

bool is_forwarding_field(const Field& field) {
  const std::string_view name = field.name;
  if (name.size() > kForwardingPrefix.size() &&
      same_variable(name.substr(0, kForwardingPrefix.size()), kForwardingPrefix)) {
    return true;
  }
  return same_variable(name, "forwarded") || same_variable(name, "x-real-ip");
}

void drop_nominated(MessageHead& head, std::string_view option) {
  for (Field& field : head.fields) {
    if (!equals_ignoring_case(field.name, option)) continue;
    if (may_be_nominated(field.id) && !is_forwarding_field(field)) field.drop = true;
  }
}

}  // namespace

void drop_hop_by_hop(MessageHead& head) {
  // By index: drop_nominated writes to the same vector, though it never grows it.
  for (std::size_t i = 0; i < head.fields.size(); ++i) {
    if (head.fields[i].id == FieldName::kConnection) {
      for_each_element(head.fields[i].value, [&](std::string_view option) {
        const bool common =
            equals_ignoring_case(option, "close") || equals_ignoring_case(option, "keep-alive");
        if (!common) drop_nominated(head, option);
      });
    }
    if (is_hop_by_hop(head.fields[i].id)) head.fields[i].drop = true;
  }
}

void drop_forwarding_fields(RequestHead& head) {
  for (Field& field : head.fields) {
    if (is_forwarding_field(field)) field.drop = true;
  }
}

}  // namespace reseal::http
