#include "lb/proxy/router.h"

#include "lb/base/text.h"

namespace reseal::proxy {
namespace {

bool host_matches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return equals_ignoring_case(pattern, host);
  const std::string_view suffix = pattern.substr(1);  // ".example.org"
  return host.size() > suffix.size() &&
         equals_ignoring_case(host.substr(host.size() - suffix.size()), suffix);
}

bool prefix_matches(std::string_view prefix, std::string_view path) {
  if (!path.starts_with(prefix)) return false;
  return path.size() == prefix.size() || prefix.back() == '/' || path[prefix.size()] == '/';
}

bool matches(const RouteRule& rule, const http::RequestHead& head) {
  if (!rule.method.empty() && rule.method != head.method_text) return false;
  if (!rule.host.empty() && !host_matches(rule.host, host_of(head.authority))) return false;
  if (!rule.path.empty() && rule.path != head.path()) return false;
  return rule.path_prefix.empty() || prefix_matches(rule.path_prefix, head.path());
}

}  // namespace

std::string_view host_of(std::string_view authority) {
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
    return authority;
  return authority.substr(0, colon);
}

std::optional<std::uint32_t> Router::route(const http::RequestHead& head) const {
  for (const RouteRule& rule : rules_) {
    if (matches(rule, head)) return rule.backend;
  }
  return default_;
}

}  // namespace reseal::proxy
