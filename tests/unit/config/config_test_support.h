// What the configuration's tests share: a file that has every section, the same with one mistake, and
// problems as text.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "lb/config/config_error.h"

namespace reseal::config::testing {

/// Loads without any problem.
inline const std::string kGood = R"(workers: 4
drain: 5s
max_connections: 1000
log: { level: warn }
admin: { socket: run/admin.sock, http: "127.0.0.1:9901" }
frontends:
  web:
    bind: ["*:443", "[::1]:8443"]
    tls: { certificates: [certs/], min_version: "1.3", alpn: http/1.1, session_tickets: false }
    rules:
      - { when: { host: "*.Example.org", path_prefix: /api, method: GET }, use: api }
    default: web
    trusted_proxies: [10.0.0.0/8]
    timeouts: { handshake: 1s, request_head: 2s, request_body: 3s, keep_alive: 4s, response_write: 5s }
    limits: { head: 16KiB, fields: 50 }
  redirect: { bind: "*:80", redirect: https }
backends:
  web:
    balance: least_connections
    tls: { ca: ca.pem, certificate: /abs/lb.pem, key: lb.key, verify_host: web.internal, sni: other.internal }
    check: { http: /healthz, interval: 1s, jitter: 20%, expect_status: [200, 300-302], rise: 1, fall: 5, initial: down }
    passive: { connect_failures: 5, server_errors: 7, hold: 1m }
    timeouts: { connect: 100ms, response: 1h, idle: 2s, pool_idle: 1s }
    retries: 1
    pool_size: 3
    servers:
      web1: 10.0.0.11:8443
      web2: { address: "[2001:db8::2]:8443", weight: 50, backup: true, verify_host: two.internal }
  api:
    balance: { hash: { header: X-User } }
    servers: { api1: "127.0.0.1:8080" }
)";

/// kGood with the first `from` replaced.
inline std::string with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

inline LoadResult load(const std::string& text) {
  return load_text(text, "f.yaml", "/etc/reseal");
}

/// Every problem as it is printed, one behind the other.
inline std::string told(const LoadResult& result) {
  std::string text;
  for (const Problem& problem : result.problems) text += render(problem);
  return text;
}

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace reseal::config::testing
