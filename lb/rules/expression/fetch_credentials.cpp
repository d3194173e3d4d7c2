// Fetches of what a request says of who sends it: the Authorization field (RFC 9110 11.6.2) and the lists of users.
#include <algorithm>

#include "lb/base/text.h"
#include "lb/rules/expression/base64.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/field_walk.h"
#include "lb/rules/expression/user_list.h"

namespace reseal::rules::expression {
namespace {

struct Credentials {
  std::string_view scheme;  // "Basic" or "Bearer", whatever its case was
  std::string_view token;   // as it came
  std::string_view user, password;
};

/// The field's first value: its scheme, and what follows the blanks behind it.
bool split_field(const Call& call, std::string_view name, std::string_view& scheme, std::string_view& token) {
  std::string_view value;
  if (call.context.request == nullptr || !FieldWalk(*call.context.request, name, true).next(value))
    return false;
  const std::size_t blank = value.find(' ');
  if (blank == 0 || blank == std::string_view::npos) return false;
  scheme = value.substr(0, blank);
  token = value.substr(std::min(value.find_first_not_of(' ', blank), value.size()));
  return true;
}

/// What the field says; false: nothing, or of another scheme.
bool find_credentials(const Call& call, Credentials& found) {
  std::string_view scheme;
  if (!split_field(call, "authorization", scheme, found.token)) return false;
  if (equals_ignoring_case(scheme, "bearer")) {
    found.scheme = "Bearer";
    return true;
  }
  if (!equals_ignoring_case(scheme, "basic")) return false;
  found.scheme = "Basic";
  auto both = decode_base64(found.token, Base64::kPadded, call.arena);
  if (!both) return false;
  // As HAProxy's strings, which end at a NUL.
  *both = both->substr(0, both->find('\0'));
  const std::size_t colon = both->find(':');
  if (colon == std::string_view::npos) return false;
  found.user = both->substr(0, colon);
  found.password = both->substr(colon + 1);
  return true;
}

/// A name and a password; false: the request has none.
bool find_password(const Call& call, Credentials& found) {
  return find_credentials(call, found) && found.scheme == "Basic";
}
const UserList::User* find_user(const Call& call, const Credentials& found) {
  const UserList* users = call.argument(0).users.get();
  return users == nullptr ? nullptr : users->check(found.user, found.password);
}

bool fetch_http_auth(const Call& call, Sample& out) {
  Credentials found;
  if (!find_password(call, found)) return false;
  out = Sample::boolean(find_user(call, found) != nullptr);
  return true;
}

/// The user's name. To conditions it is the groups, one after the other: they ask whether the user is of one of them.
bool fetch_http_auth_group(const Call& call, Sample& out) {
  Credentials found;
  if (!find_password(call, found)) return false;
  const UserList::User* user = find_user(call, found);
  if (user == nullptr) return false;
  out = Sample::string(found.user);
  if (call.cursor == nullptr) return true;
  const auto& groups = user->groups();
  out.text = call.cursor->item < groups.size() ? std::string_view(groups[call.cursor->item]) : "";
  call.cursor->more = ++call.cursor->item < groups.size();
  return true;
}

bool fetch_http_auth_type(const Call& call, Sample& out) {
  Credentials found;
  if (!find_credentials(call, found)) return false;
  out = Sample::string(found.scheme);
  return true;
}
template <std::string_view Credentials::* kPart>
bool fetch_part(const Call& call, Sample& out) {
  Credentials found;
  if (!find_password(call, found)) return false;
  out = Sample::string(found.*kPart);
  return true;
}

bool fetch_http_auth_bearer(const Call& call, Sample& out) {
  out = Sample::string("");
  if (call.argument(0).is_given) {
    std::string_view scheme;
    std::string_view token;
    if (split_field(call, call.argument(0).text, scheme, token) && equals_ignoring_case(scheme, "bearer"))
      out.text = token;
    return call.context.request != nullptr;
  }
  Credentials found;
  if (!find_credentials(call, found) || found.scheme != "Bearer") return false;
  out.text = found.token;
  return true;
}

constexpr FetchRow kRows[] = {
    {"http_auth", "u", Type::kBool, kNeedsRequestHead, fetch_http_auth},
    {"http_auth_bearer", "?s", Type::kString, kNeedsRequestHead, fetch_http_auth_bearer},
    {"http_auth_group", "u", Type::kString, kNeedsRequestHead, fetch_http_auth_group},
    {"http_auth_pass", "", Type::kString, kNeedsRequestHead, fetch_part<&Credentials::password>},
    {"http_auth_type", "", Type::kString, kNeedsRequestHead, fetch_http_auth_type},
    {"http_auth_user", "", Type::kString, kNeedsRequestHead, fetch_part<&Credentials::user>},
};

}  // namespace

std::span<const FetchRow> credential_fetches() {
  return kRows;
}

}  // namespace reseal::rules::expression
