#include "lb/rules/condition.h"

#include <algorithm>

#include "lb/base/text.h"
#include "lb/http/characters.h"
#include "lb/http/path.h"

namespace reseal::rules {
namespace {

bool host_matches(std::string_view pattern, std::string_view host) {
  if (!takes_subdomains(pattern)) return equals_ignoring_case(pattern, host);
  const std::string_view suffix = pattern.substr(1);  // ".example.org"
  return host.size() > suffix.size() &&
         equals_ignoring_case(host.substr(host.size() - suffix.size()), suffix);
}

bool value_matches(const HeaderMatch& match, std::string_view value) {
  if (match.values.empty()) return true;
  const auto is_wanted = [&](std::string_view text) {
    return std::ranges::any_of(match.values, [&](const std::string& wanted) { return wanted == text; });
  };
  // Servers may look at one element of a list, so a rule must not be passed by a second one beside it.
  bool found = is_wanted(value);
  if (!found)
    http::for_each_element(value, [&](std::string_view element) { found = found || is_wanted(element); });
  return found;
}

bool is_named(const HeaderMatch& match, std::string_view name) {
  return std::ranges::any_of(match.names,
                             [&](const std::string& wanted) { return equals_ignoring_case(wanted, name); });
}

bool header_matches(const HeaderMatch& match, const http::RequestHead& head) {
  for (const http::Field& field : head.fields) {
    if (!field.drop && is_named(match, field.name) && value_matches(match, field.value)) return true;
  }
  // HTTP/2 has no field for it (RFC 8441).
  return !head.upgrade.empty() && is_named(match, "upgrade") && value_matches(match, head.upgrade);
}

/// `offered` is a list of RFC 7301 3.1: each name after one byte of its length.
bool is_offered(std::string_view offered, std::string_view protocol) {
  while (!offered.empty()) {
    const std::size_t length = static_cast<unsigned char>(offered.front());
    if (offered.substr(1, length) == protocol) return true;
    offered.remove_prefix(std::min(offered.size(), 1 + length));
  }
  return false;
}

template <class Holds>
bool any_of(const std::vector<std::string>& wanted, Holds holds) {
  return std::ranges::any_of(wanted, holds);
}

/// The conditions of `matches` one by one, for as long as `each` says true of what came out; false if it ended
/// that way.
template <class Each>
bool ask(const Matches& matches, const http::RequestHead& head, const RequestFacts& facts, Each each) {
  if (!matches.path_prefixes.empty() && !each(any_of(matches.path_prefixes, [&](const std::string& prefix) {
        return http::has_path_prefix(facts.compared_path, prefix);
      }))) {
    return false;
  }
  if (!matches.paths.empty() &&
      !each(any_of(matches.paths, [&](const std::string& path) { return path == facts.compared_path; }))) {
    return false;
  }
  if (!matches.hosts.empty() &&
      !each(any_of(matches.hosts, [&](const std::string& host) { return host_matches(host, facts.host); }))) {
    return false;
  }
  if (!matches.methods.empty() &&
      !each(any_of(matches.methods, [&](const std::string& method) { return method == facts.method; }))) {
    return false;
  }
  if (!matches.protocols.empty() && !each(any_of(matches.protocols, [&](const std::string& protocol) {
        return is_offered(facts.alpn, protocol);
      }))) {
    return false;
  }
  if (!matches.addresses.empty() && !each(matches.addresses.contains(*facts.client_socket))) return false;
  return std::ranges::all_of(matches.headers,
                             [&](const HeaderMatch& match) { return each(header_matches(match, head)); });
}

}  // namespace

bool takes_subdomains(std::string_view host_pattern) {
  return host_pattern.starts_with("*.");
}

bool Condition::holds(const http::RequestHead& head, const RequestFacts& facts) const {
  return ask(all, head, facts, [](bool held) { return held; }) &&
         ask(none, head, facts, [](bool held) { return !held; }) &&
         (!expression || expression->holds(*facts.sample, *facts.arena));
}

}  // namespace reseal::rules
