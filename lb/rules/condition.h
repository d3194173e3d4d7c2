// When a rule takes a request: conditions over the neutral head, compared as it came in (its path in compared
// form, its host without port). Compiled once; immutable; any thread. Allocates nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lb/http/message.h"
#include "lb/net/cidr.h"
#include "lb/rules/expression/condition.h"
#include "lb/rules/request_facts.h"

namespace reseal::rules {

/// Holds if one of the names is there and, where values are given, has one of them: the whole value, or one
/// element of a comma-separated list, in any of its lines.
struct HeaderMatch {
  std::vector<std::string> names;
  std::vector<std::string> values;  ///< empty: any
};

/// One set of conditions. Each vector holds if one of its members does; an empty one is not asked.
struct Matches {
  std::vector<std::string> hosts;          ///< lower case; "*.example.org" takes one or more labels in front
  std::vector<std::string> paths;          ///< exact, in compared form
  std::vector<std::string> path_prefixes;  ///< whole segments, in compared form
  std::vector<std::string> methods;        ///< exact, case-sensitive (RFC 9110 9.1)
  std::vector<HeaderMatch> headers;        ///< each of them is a condition of its own
  net::CidrSet addresses;                  ///< of clients
  std::vector<std::string> protocols;      ///< exact; holds if the client offers any of them (ALPN)
};

/// "*.example.org": a pattern, no name of one host.
bool takes_subdomains(std::string_view host_pattern);

struct Condition {
  Matches all;                                      ///< every one that is asked must hold
  Matches none;                                     ///< none of those that are asked may hold
  std::optional<expression::Condition> expression;  ///< must hold too

  [[nodiscard]] bool holds(const http::RequestHead& head, const RequestFacts& facts) const;
};

}  // namespace reseal::rules
