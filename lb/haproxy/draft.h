// What the sections of a haproxy.cfg have said so far, in HAProxy's own terms: what `defaults` hands down is copied, and
// finish.h turns the whole into the model. Plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lb/base/clock.h"
#include "lb/config/model.h"
#include "lb/haproxy/check_draft.h"
#include "lb/haproxy/log_draft.h"

namespace reseal::haproxy {

/// hash-type and hash-balance-factor.
struct HashTypeDraft {
  config::HashPlacement placement = config::HashPlacement::kMap;
  config::HashFunction function = config::HashFunction::kSdbm;
  bool avalanche = false;
  int most_load = 0;
};

/// What `server` and `default-server` say.
struct ServerOptions {
  int id = 0;  ///< 0: the next that is free
  int weight = 1;
  int max_connections = 0;
  int min_connections = 0;  ///< minconn: the limit where there is no other
  bool backup = false;
  bool disabled = false;
  bool non_stick = false;
  bool check = false;
  std::optional<Duration> interval, fast_interval, down_interval, slow_start;
  int rise = 2;
  int fall = 3;
  bool tls = false;
  config::ClientTls tls_settings;
  bool verify_none = false;
  std::string verify_host;
  std::string cookie;          ///< what it is called in the cookie of its backend
  std::string sni;             ///< of a constant; empty: none
  std::string sni_expression;  ///< of anything else
  config::Protocol protocol = config::Protocol::kHttp1;
  config::SendProxy send_proxy = config::SendProxy::kOff;
  net::ProxyAdditions proxy_additions{.alpn = true};
  ServerCheckOptions checking;
  config::ServerOptions rest;
  bool operator==(const ServerOptions&) const = default;
};

struct ServerDraft {
  std::string name;
  std::string host;
  std::uint16_t port = 0;
  std::optional<int> port_offset;  ///< in its place: to the client's
  ServerOptions options;
  config::Place place;
};

struct BindDraft {
  std::vector<config::Bind> addresses;
  bool tls = false;
  config::ServerTls tls_settings;
  bool accept_proxy = false;
  bool says_alpn = false;
  config::SocketSettings socket;
  int number = 0;  ///< id
  std::string name;
  bool h2c = false;                            ///< proto h2
  std::vector<std::size_t> lists_saying_alpn;  ///< of tls_settings.listed: those with an alpn of their own
  config::Place place;
};

/// `timeout`: none: HAProxy waits for ever.
struct TimeoutsDraft {
  std::optional<Duration> client, server, connect, check, http_request, http_keep_alive, queue, tunnel,
      client_fin, server_fin, tarpit;
};

/// option http-keep-alive, http-server-close, httpclose.
enum class ConnectionMode : std::uint8_t { kKeepAlive, kServerClose, kClose };

/// retry-on.
struct RetryOnDraft {
  bool connect_failure = true, empty_response = false, response_timeout = false, bad_response = false;
  std::vector<int> statuses;
};

/// compression.
struct CompressionDraft {
  bool has_gzip = false;           ///< of what algo names
  std::vector<std::string> types;  ///< empty: all
  bool offload = false;
  std::uint64_t min_size = 0;
};

/// The settings that `defaults` can hand down.
struct Inherited {
  config::Mode mode = config::Mode::kTcp;
  TimeoutsDraft timeouts;
  config::Balance balance;
  HashTypeDraft hash_type;
  CheckDraft check;
  ServerOptions default_server;
  std::string default_backend;
  config::Place default_backend_place;
  int retries = 3;
  bool all_backups = false;
  bool disabled = false;  ///< it neither listens nor serves
  std::optional<config::ServerCookie> cookie;
  bool has_dynamic_cookie = false;
  std::string dynamic_cookie_key;
  bool asks_down = false;                  ///< option persist
  config::AddressFields address_fields;    ///< option forwardfor, originalto
  config::ClientConnections clients;       ///< of the frontend
  config::ServerConnections servers_side;  ///< of the backend
  ConnectionMode connection_mode = ConnectionMode::kKeepAlive;
  RetryOnDraft retry_on;
  int full_load = 0;          ///< fullconn; 0: not said
  std::string name_field;     ///< http-send-name-header
  int redispatch = 0;         ///< option redispatch; 0: never
  bool never_reuses = false;  ///< http-reuse never
  std::optional<CompressionDraft> compression;
  LogDraft log;
  /// Of `defaults` they come before a section's own.
  config::RuleLines rules;
  Duration inspect_delay{0};
  std::vector<config::ErrorPage> error_pages;
  std::string monitor_uri;
  config::Place monitor_place;
  std::vector<config::RuleLine> monitor_fails;  ///< from their `if` on
  std::optional<config::StatsPage> stats_page;
  std::vector<config::RuleLine> stats_rules;  ///< stats http-request
};

struct ProxyDraft : Inherited {
  std::string name;
  config::Place place;
  std::vector<BindDraft> binds;
  std::vector<ServerDraft> servers;
  std::optional<config::StickTable> stick_table;
  std::vector<config::RuleLine> stick_rules;
  int number = 0;  ///< id; 0: the next that is free
  bool is_frontend = false;
  bool is_backend = false;
  std::string check_comment;        ///< of the next step of a check
  bool has_own_http_check = false;  ///< its own rules of http-check replace those that were handed down
  bool has_own_tcp_check = false;
};

/// ssl-default-bind-options and ssl-default-server-options.
struct TlsVersions {
  bool tickets = true;
  config::TlsVersion least = config::TlsVersion::kTls12;
  config::TlsVersion most = config::TlsVersion::kTls13;
};

struct GlobalDraft {
  bool verifies_servers = true;  ///< ssl-server-verify: of servers that do not say it themselves
  int threads = 0;
  int max_connections = 0;
  std::vector<LogTargetDraft> logs;
  std::string log_tag = "haproxy";
  std::optional<std::string> log_host;  ///< log-send-hostname; empty: the machine's own
  std::string ca_base, crt_base;
  std::string bind_ciphers, bind_ciphersuites, bind_curves, server_ciphers, server_ciphersuites;
  TlsVersions bind_versions, server_versions;
  std::string unix_prefix;  ///< of unix-bind
  config::SocketSettings unix_socket;
  config::ProcessSettings process;
  bool zero_warning = false;
  std::vector<config::RuleLine> variables;  ///< set-var, set-var-fmt
  std::optional<Duration> hard_stop_after;
  config::RuntimeApi runtime_api;
  std::string node, description;
};

}  // namespace reseal::haproxy
