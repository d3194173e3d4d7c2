// What the sections of a haproxy.cfg have said so far, in HAProxy's own terms: what `defaults` hands down is copied, and
// finish.h turns the whole into the model. Plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lb/base/clock.h"
#include "lb/config/model.h"
#include "lb/haproxy/log_draft.h"

namespace reseal::haproxy {

/// What `server` and `default-server` say.
struct ServerOptions {
  int weight = 1;
  int max_connections = 0;
  bool backup = false;
  bool disabled = false;
  bool check = false;
  std::optional<Duration> interval, fast_interval, down_interval, slow_start;
  int rise = 2;
  int fall = 3;
  bool tls = false;
  config::ClientTls tls_settings;
  bool verify_none = false;
  std::string verify_host;
  std::string sni;  ///< of a constant; empty: none
  config::Protocol protocol = config::Protocol::kHttp1;
  config::SendProxy send_proxy = config::SendProxy::kOff;
  bool operator==(const ServerOptions&) const = default;
};

struct ServerDraft {
  std::string name;
  std::string host;
  std::uint16_t port = 0;
  ServerOptions options;
  config::Place place;
};

struct BindDraft {
  std::vector<config::Bind> addresses;
  bool tls = false;
  config::ServerTls tls_settings;
  bool accept_proxy = false;
  bool says_alpn = false;
  config::Place place;
};

/// `timeout`: none: HAProxy waits for ever.
struct TimeoutsDraft {
  std::optional<Duration> client, server, connect, check, http_request, http_keep_alive, queue, tunnel,
      client_fin, tarpit;
};

struct CheckDraft {
  bool is_http = false;  ///< option httpchk
  std::string method = "OPTIONS";
  std::string path = "/";
  std::string host;
  std::vector<std::pair<int, int>> expect_status{{200, 399}};
};

/// The settings that `defaults` can hand down.
struct Inherited {
  config::Mode mode = config::Mode::kTcp;
  TimeoutsDraft timeouts;
  config::Balance balance;
  CheckDraft check;
  ServerOptions default_server;
  std::string default_backend;
  config::Place default_backend_place;
  int retries = 3;
  bool all_backups = false;
  bool forwardfor = false;
  LogDraft log;
  /// Of `defaults` they come before a section's own.
  config::RuleLines rules;
  Duration inspect_delay{0};
  std::string monitor_uri;
  config::Place monitor_place;
  std::vector<config::RuleLine> monitor_fails;  ///< from their `if` on
};

struct ProxyDraft : Inherited {
  std::string name;
  config::Place place;
  std::vector<BindDraft> binds;
  std::vector<ServerDraft> servers;
  bool is_frontend = false;
  bool is_backend = false;
};

/// ssl-default-bind-options and ssl-default-server-options.
struct TlsVersions {
  bool tickets = true;
  config::TlsVersion least = config::TlsVersion::kTls12;
  config::TlsVersion most = config::TlsVersion::kTls13;
};

struct GlobalDraft {
  int threads = 0;
  int max_connections = 0;
  std::vector<LogTargetDraft> logs;
  std::string log_tag = "haproxy";
  std::optional<std::string> log_host;  ///< log-send-hostname; empty: the machine's own
  std::string ca_base, crt_base;
  std::string bind_ciphers, bind_ciphersuites, server_ciphers, server_ciphersuites;
  TlsVersions bind_versions, server_versions;
  std::optional<Duration> hard_stop_after;
};

}  // namespace reseal::haproxy
