// Which backend serves a request: the first rule that matches, otherwise the default. Pure and immutable; any
// thread. A configuration without rules costs nothing but the look at the default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lb/http/message.h"

namespace reseal::proxy {

/// Every non-empty member must match.
struct RouteRule {
  std::string host;         ///< lower case; "*.example.org" takes one or more labels in front
  std::string path;         ///< exact
  std::string path_prefix;  ///< whole segments: "/api" takes "/api" and "/api/x", not "/apix"
  std::string method;       ///< exact, case-sensitive (RFC 9110 9.1)
  std::uint32_t backend = 0;
};

class Router {
 public:
  Router() = default;
  Router(std::vector<RouteRule> rules, std::optional<std::uint32_t> default_backend)
      : rules_(std::move(rules)), default_(default_backend) {}

  /// Index of the backend in the generation, or nothing when no rule takes the request and there is no
  /// default.
  [[nodiscard]] std::optional<std::uint32_t> route(const http::RequestHead& head) const;

 private:
  std::vector<RouteRule> rules_;
  std::optional<std::uint32_t> default_;
};

/// The host of an authority, without its port: "a.example:443" -> "a.example", "[::1]:80" -> "[::1]".
std::string_view host_of(std::string_view authority);

}  // namespace reseal::proxy
