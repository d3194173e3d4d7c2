#include "lb/http/sanitize.h"

#include <algorithm>
#include <span>

#include "lb/base/text.h"
#include "lb/http/characters.h"
#include "lb/http/scan.h"

namespace reseal::http {
namespace {

/// RFC 9110 7.6.1, and what concerns this hop's framing or this proxy only. Trailer stays: trailers are
/// passed on.
bool is_hop_by_hop(FieldName id) {
  return is_connection_specific(id) || id == FieldName::kContentLength || id == FieldName::kTe ||
         id == FieldName::kProxyAuthenticate || id == FieldName::kProxyAuthorization;
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

/// The fields by which a load balancer tells servers what they cannot see for themselves: who the client is, what
/// its certificate says, what it asked for before a rewrite. As as_variable() writes them.
struct OwnField {
  std::string_view name;
  bool is_prefix;
};
constexpr OwnField kOwnFields[] = {
    {"forwarded", false},     // RFC 7239
    {"x-forwarded-", true},   // -For, -Proto, -Host, -Client-Cert ...
    {"x-real-ip", false},     //
    {"client-cert", true},    // RFC 9440: Client-Cert, Client-Cert-Chain
    {"x-client-cert", true},  //
    {"x-ssl-client", true},   //
    {"ssl-client-", true},    //
    {"x-original-url",
     false},  // servers that obey these serve another path than the one that rules have seen
    {"x-rewrite-url", false},
};

/// What CGI's variables leave of a character of a name.
constexpr char variable_char(char c) {
  c = ascii_lower(c);
  return is_digit(c) || (c >= 'a' && c <= 'z') ? c : '-';
}

/// The names above begin with "x-", "fo", "cl" or "ss": two characters tell most others apart, "sec-fetch-mode" too.
constexpr bool may_be_own_name(std::string_view name) {
  if (name.size() < 2) return false;
  const char second = variable_char(name[1]);
  switch (variable_char(name[0])) {
    case 'x':
      return second == '-';
    case 'f':
      return second == 'o';
    case 'c':
      return second == 'l';
    case 's':
      return second == 's';
    default:
      return false;
  }
}
static_assert(std::ranges::all_of(kOwnFields, may_be_own_name, &OwnField::name));

bool is_own_name(std::string_view name) {
  if (!may_be_own_name(name)) return false;
  for (const OwnField& own : kOwnFields) {
    if (own.is_prefix ? is_same_variable(name.substr(0, own.name.size()), own.name)
                      : is_same_variable(name, own.name)) {
      return true;
    }
  }
  return false;
}

void drop_nominated(std::span<Field> fields, std::string_view option) {
  for (Field& field : fields) {
    if (!equals_ignoring_case(field.name, option)) continue;
    if (may_be_nominated(field.id) && !is_own_field(field.id, field.name)) field.drop = true;
  }
}

}  // namespace

void drop_hop_by_hop(MessageHead& head, std::size_t received) {
  const std::span<Field> of_sender(head.fields.data(), std::min(received, head.fields.size()));
  for (const Field& field : of_sender) {
    if (field.id != FieldName::kConnection) continue;
    for_each_element(field.value, [&](std::string_view option) {
      const bool common = equals_ignoring_case(option, "close") || equals_ignoring_case(option, "keep-alive");
      if (!common) drop_nominated(of_sender, option);
    });
  }
  for (Field& field : head.fields) field.drop = field.drop || is_hop_by_hop(field.id);
}

bool is_own_field(FieldName id, std::string_view name) {
  switch (id) {
    case FieldName::kForwarded:
    case FieldName::kXForwardedFor:
    case FieldName::kXForwardedHost:
    case FieldName::kXForwardedPort:
    case FieldName::kXForwardedProto:
    case FieldName::kXRealIp:
      return true;
    case FieldName::kOther:
      return is_own_name(name);
    default:
      return false;
  }
}

bool is_same_variable(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (variable_char(name[i]) != lower[i]) return false;
  }
  return true;
}

std::string as_variable(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), variable_char);
  return text;
}

Result<void> drop_untrusted_fields(RequestHead& head, UnderscoreFields underscores, bool trusted) {
  for (Field& field : head.fields) {
    // Known names are letters, digits and '-'.
    const bool is_odd = field.id == FieldName::kOther && !is_plain_name(field.name);
    if (is_odd && underscores == UnderscoreFields::kRefuse) {
      return fail(Code::kAmbiguousRequest, Origin::kClient,
                  "a field name with other characters than letters, digits and '-'");
    }
    field.drop = field.drop || (is_odd && underscores == UnderscoreFields::kDrop) ||
                 ((is_odd || !trusted) && is_own_field(field.id, field.name));
  }
  return {};
}

}  // namespace reseal::http
