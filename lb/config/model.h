// The configuration as plain values, defaults included: what both doors (YAML, haproxy.cfg) fill and what
// runtime/generation turns into objects. No behaviour, no pointers, comparable (places too). Every value that
// an error may have to name carries the place it was read from. Immutable after loading; any thread. All of
// it is in one header so that the whole configuration can be read from top to bottom.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/config/balance.h"
#include "lb/config/bind.h"
#include "lb/config/check_steps.h"
#include "lb/config/connections.h"
#include "lb/config/log.h"
#include "lb/config/place.h"
#include "lb/config/process_settings.h"
#include "lb/config/resolvers.h"
#include "lb/config/rule_lines.h"
#include "lb/config/runtime_api.h"
#include "lb/config/server_cookie.h"
#include "lb/config/server_options.h"
#include "lb/config/stats_page.h"
#include "lb/config/stick_table.h"
#include "lb/config/users.h"
#include "lb/net/proxy_additions.h"
#include "lb/stats/log_policy.h"

namespace reseal::config {

using namespace std::chrono_literals;

/// tls: of a backend (servers inherit it).
struct ClientTls {
  std::string ca;           ///< PEM file of accepted issuers, absolute; empty: the system's store
  std::string revoked;      ///< PEM file of revocation lists; empty: none are asked
  std::string certificate;  ///< PEM, may hold the key too; empty: none is sent (no mutual TLS)
  std::string key;          ///< PEM; empty: in `certificate`
  /// name that must stand in the server certificate's SANs; empty: the server's host
  std::string verify_host;
  std::string sni;  ///< name sent; empty: verify_host or the server's host unless that is an IP address
  /// an expression of HAProxy's language that says the name for each request, in place of `sni`; that is the one that must
  /// stand in the certificate, and the others where it says nothing; empty: none
  std::string sni_expression;
  bool verify = true;  ///< false only by `verify: none`
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  std::string ciphers;
  std::string ciphersuites;
  Place place, ca_place, certificate_place, key_place;
  bool operator==(const ClientTls&) const = default;
};

enum class CheckKind : std::uint8_t { kHttp, kTcp, kSteps };

/// check: of a backend.
struct Check {
  CheckKind kind = CheckKind::kHttp;
  std::string path = "/";
  std::string method = "GET";
  std::string host;  ///< Host field; empty: verify_host or the server's name
  std::vector<std::pair<int, int>> expect_status{{200, 399}};  ///< inclusive ranges
  Duration interval = 2s;
  Duration fast_interval = 500ms;  ///< while a state is changing
  Duration down_interval = 2s;     ///< while down; default: interval
  Duration timeout = 2s;           ///< for the whole probe
  int jitter_percent = 10;         ///< interval ± this
  int rise = 2;
  int fall = 3;
  bool initially_up = true;      ///< initial: up | down (down: only a successful check brings it up)
  std::string expect_body;       ///< with kHttp: a regular expression; empty: any body, which is not read
  CheckConnect connect;          ///< where it goes instead of where traffic does
  std::vector<CheckStep> steps;  ///< of kSteps
  bool tells_steps = false;      ///< steps are told by number where they fail, as HAProxy's tcp-check does
  std::optional<Duration>
      connect_timeout;        ///< for connecting, before the timeout begins; none: it is part of that
  bool is_logged = false;     ///< every result that is news, in HAProxy's words
  bool doubts_first = false;  ///< a server that is up and was never checked is down at the first failed check
  bool drains_on_404 = false;  ///< a server that is up and answers 404 gets no new clients, and stays up
  Place place;
  bool operator==(const Check&) const = default;
};

/// passive: of a backend: what traffic alone may conclude.
struct Passive {
  bool enabled = true;
  int connect_failures = 3;  ///< in a row
  int server_errors = 0;     ///< 5xx answers in a row; 0: not counted
  Duration hold = 10s;       ///< without a check: tried again after this
  Suspicion then = Suspicion::kDown;
  Place place;
  bool operator==(const Passive&) const = default;
};

/// queue: of a backend: requests wait while every server is at its limit.
struct Queue {
  Duration timeout = 5s;  ///< 503 after this
  int length = 1000;      ///< waiting requests, all workers together; 503 beyond
  std::uint32_t body_rate =
      500;  ///< bytes a second; slower bodies give up their place to who waits: 408; 0: none does
  Place place;
  bool operator==(const Queue&) const = default;
};

/// retry: of a backend: what may be tried again, on another server first.
struct Retry {
  int attempts = 2;  ///< further ones after the first
  bool connect_failure = true;
  bool empty_response = true;
  bool response_timeout = true;
  bool bad_response = false;
  std::vector<int> statuses;  ///< of responses that are asked for again
  bool non_idempotent = false;
  int budget_percent = 20;  ///< retries, of the requests of the last ten seconds
  /// Whether the next attempt goes to another server: every one does (none); no one (0); each of so many; with -N so many
  /// before the last. A server that refused a connection is given a second before it is tried again.
  std::optional<int> redispatch;
  bool stale_connection =
      false;  ///< an idle one that turns out to be closed costs no attempt, whatever else is said
  Duration try_timeout = 10s;  ///< what one attempt has for the response's head while another is possible
  Place place;
  bool operator==(const Retry&) const = default;
};

/// outlier: of a backend: servers whose answers fail although their checks pass are left out for a while.
struct Outlier {
  bool enabled = true;
  int consecutive_errors = 5;    ///< 0: not counted
  int error_percent = 0;         ///< error_rate, of the last ten seconds; 0: not looked at
  int least_requests = 20;       ///< in ten seconds, before the rate means anything
  bool server_errors = false;    ///< 5xx responses are errors
  Duration eject_for = 30s;      ///< the first time; longer with each relapse
  int max_ejected_percent = 50;  ///< of a backend's servers
  bool operator==(const Outlier&) const = default;
};

enum class SameSite : std::uint8_t { kLax, kStrict, kNone };
enum class CookieSecure : std::uint8_t { kAuto, kAlways, kNever };

/// persistence.cookie: of a backend.
struct PersistenceCookie {
  std::string name;
  SameSite same_site = SameSite::kLax;
  CookieSecure secure = CookieSecure::kAuto;  ///< auto: for clients that come over TLS
  std::optional<Duration> max_age;            ///< none: until the browser ends
  std::string key_file;                       ///< absolute; empty: a random secret of this process
  Place key_file_place;
  bool operator==(const PersistenceCookie&) const = default;
};

/// persistence.source: and persistence.header: of a backend.
struct PersistenceTable {
  std::string header;     ///< lower case; empty: by source
  Duration idle = 30min;  ///< a client that was away so long is forgotten
  int clients = 100'000;  ///< so many are known at least
  bool operator==(const PersistenceTable&) const = default;
};

/// persistence: of a backend; one of them.
struct Persistence {
  std::optional<PersistenceCookie> cookie;
  std::optional<ServerCookie> server_cookie;
  std::optional<PersistenceTable> table;
  Place place;
  bool operator==(const Persistence&) const = default;
};

enum class CompressionAlgorithm : std::uint8_t { kGzip, kBrotli };

/// compression: of a backend.
struct Compression {
  std::vector<CompressionAlgorithm> algorithms{CompressionAlgorithm::kBrotli, CompressionAlgorithm::kGzip};
  /// lower case
  std::vector<std::string> types{"text/*",
                                 "application/javascript",
                                 "application/json",
                                 "application/ld+json",
                                 "application/manifest+json",
                                 "application/rss+xml",
                                 "application/atom+xml",
                                 "application/xhtml+xml",
                                 "application/xml",
                                 "application/wasm",
                                 "image/svg+xml"};
  std::uint32_t min_size = 1024;  ///< bytes
  int gzip_level = 3;
  int brotli_quality = 3;
  bool hides_accepted =
      false;  ///< servers do not hear what codings clients take, so that all are left to reseal
  bool operator==(const Compression&) const = default;
};

enum class Plaintext : std::uint8_t { kRefused, kAllowed };
enum class Protocol : std::uint8_t { kHttp1, kH2, kNegotiated };
enum class SendProxy : std::uint8_t { kOff, kV1, kV2 };

/// How a server is reached, where that is not as its backend says.
struct Hop {
  std::optional<ClientTls> tls;
  Protocol protocol = Protocol::kHttp1;
  SendProxy send_proxy = SendProxy::kOff;
  std::optional<net::ProxyAdditions> proxy_additions;  ///< none: what reseal tells of itself
  bool operator==(const Hop&) const = default;
};

/// How a server is checked, where that is not as its backend says.
struct OwnCheck {
  std::optional<Check> check;    ///< none: not checked
  std::optional<ClientTls> tls;  ///< of checks over TLS where traffic has none
  bool operator==(const OwnCheck&) const = default;
};

struct Server {
  std::string name;
  std::string host;  ///< name or address; "unix@/run/app.sock" and "abns@app": a unix socket, without a port
  std::uint16_t port = 0;
  int weight = 100;                   ///< 0: no new clients; up to 1000
  bool backup = false;                ///< used only when no other server is up
  int max_requests = 0;               ///< in flight, all workers together; 0: no limit
  int max_connections = 0;            ///< open, all workers together; 0: no limit
  std::string verify_host;            ///< overrides tls.verify_host
  std::optional<Hop> hop;             ///< none: as the backend says
  std::optional<OwnCheck> own_check;  ///< none: as the backend says
  std::optional<Passive> passive;     ///< none: as the backend says
  bool maintenance = false;           ///< out of service until a reload says otherwise
  ServerOptions options;
  Place place;
  std::string cookie{};    ///< with persistence.server_cookie: what it is called there; empty: nothing
  int id = 0;              ///< what tells it from the others where they are reordered; 0: its place
  bool non_stick = false;  ///< stick rules never store it
  bool operator==(const Server&) const = default;
};

struct Timeouts {
  // client side
  Duration handshake = 10s;       ///< TLS handshake
  Duration request_head = 10s;    ///< from the first byte of a request (or accept) to its head: 408
  Duration request_body = 30s;    ///< between two pieces of a body: 408
  Duration keep_alive = 60s;      ///< idle between requests
  Duration response_write = 30s;  ///< client takes no bytes
  Place place;
  bool operator==(const Timeouts&) const = default;
};

struct BackendTimeouts {
  Duration connect = 5s;              ///< TCP and TLS together: 504 after the retries
  Duration response = 60s;            ///< from the request's end to the response head: 504
  Duration idle = 60s;                ///< between two pieces of a response body
  Duration tunnel = 1h;               ///< neither side of a tunnel sends anything
  Duration tunnel_half_closed = 60s;  ///< the same once one of them has ended
  Duration pool_idle = 4s;  ///< an unused server connection is closed; below the 5 s that many servers keep
  Place place;
  bool operator==(const BackendTimeouts&) const = default;
};

struct ErrorPage {
  int status = 0;         ///< 400 to 599, or 4 or 5 for the whole class
  std::string file;       ///< absolute after loading
  bool has_head = false;  ///< the file is a whole response of HTTP/1, as HAProxy has them
  Place place;
  std::string text{};  ///< in place of a file: a whole response
  bool operator==(const ErrorPage&) const = default;
};

struct Backend {
  std::string name;
  Balance balance;
  std::optional<ClientTls> tls;
  bool tls_passthrough = false;          ///< tls: passthrough: what clients send is TLS already
  Protocol protocol = Protocol::kHttp1;  ///< spoken to the servers
  SendProxy send_proxy = SendProxy::kOff;
  std::optional<net::ProxyAdditions> proxy_additions;  ///< none: what reseal tells of itself
  ServerConnections connections;
  AddressFields address_fields;
  Plaintext plaintext = Plaintext::kRefused;
  std::optional<Check> check;
  Passive passive;
  BackendTimeouts timeouts;
  std::optional<Persistence> persistence;
  bool asks_down = false;  ///< the server that a cookie or a rule names is asked even while it is down
  std::optional<Compression> compression;
  Retry retry;
  Outlier outlier;
  Queue queue;
  int max_requests = 0;     ///< in flight at its servers, all workers together; 0: no limit
  int max_connections = 0;  ///< to its servers, all workers together; 0: no limit
  int full_load =
      0;  ///< requests at it with which its servers take max_requests, where they have min_requests; 0: a
          ///< tenth of what its frontends may have
  Duration slow_start{0};   ///< how long a server that came up takes to its full weight; 0: none
  int panic_threshold = 0;  ///< percent of servers up below which all get requests; 0: never
  int pool_size = 1024;     ///< idle connections kept per server and worker
  std::vector<AccessLog>
      message_logs;        ///< get HAProxy's messages about its servers; their formats mean nothing
  bool is_listen = false;  ///< of a `listen` section, and so one with the frontend of its name
  std::vector<Server> servers;
  bool may_be_empty = false;           ///< having no servers is no mistake: nothing that comes is served
  std::vector<ErrorPage> error_pages;  ///< of requests that have come to this backend; before the frontend's
  RuleLines rule_lines;
  std::vector<RuleLine> stick_rules;  ///< what stands behind `stick`: persistence by tables
  int number = 0;                     ///< among all proxies (HAProxy's iid); 0: behind the others, in order
  bool is_tcp = false;  ///< says so itself (haproxy.cfg); otherwise it is as the frontends that lead there
  std::optional<StatsPage> stats_page;
  Place place;
  bool operator==(const Backend&) const = default;
};

/// One condition on fields: one of the names is there, with one of the values if there are any.
struct HeaderMatch {
  std::vector<std::string> names;
  std::vector<std::string> values;
  bool operator==(const HeaderMatch&) const = default;
};

/// Each list holds if one of its members does. Empty lists: not asked.
struct Matches {
  std::vector<std::string> hosts;  ///< exact, or "*.example.org"; lower case; a request's port is ignored
  std::vector<std::string> paths;  ///< exact
  std::vector<std::string> path_prefixes;  ///< whole segments: /api matches /api and /api/x, not /apix
  std::vector<std::string> methods;
  std::vector<HeaderMatch> headers;    ///< each is a condition of its own
  std::vector<std::string> addresses;  ///< of clients: addresses or CIDR blocks
  std::vector<std::string> protocols;  ///< alpn: that the client's TLS offers, exact
  [[nodiscard]] bool is_empty() const { return *this == Matches{}; }
  bool operator==(const Matches&) const = default;
};

/// acl: of a frontend: a name for a condition. One that is written twice holds if either does.
struct Acl {
  std::string name;
  std::string criterion;  ///< "path_beg /api"
  Place place;
  bool operator==(const Acl&) const = default;
};

/// when: of a rule.
struct Condition {
  Matches all;             ///< every one that is asked must hold
  Matches none;            ///< not: none of those that are asked may hold
  std::string expression;  ///< in place of both: a condition in HAProxy's language; empty: none
  Place place;
  bool operator==(const Condition&) const = default;
};

enum class HeaderEditKind : std::uint8_t { kSet, kAdd, kRemove };
struct HeaderEdit {
  HeaderEditKind kind = HeaderEditKind::kSet;
  std::string name;
  std::string value;  ///< with variables (rules/text_template); empty with kRemove
  bool operator==(const HeaderEdit&) const = default;
};

/// What is not given stays as it was asked for. All but the status with variables.
struct Redirect {
  std::string to;  ///< all of it; nothing else but a status beside it
  std::string scheme;
  std::string host;  ///< with a port, if there is to be one
  std::string path;
  int status = 308;
  bool operator==(const Redirect&) const = default;
};

struct Reply {
  int status = 200;
  std::string body;
  std::string file;          ///< absolute after loading; in place of body
  std::string content_type;  ///< empty: by the file's name, or plain text
  std::vector<HeaderEdit> fields;
  Place place;
  bool operator==(const Reply&) const = default;
};

/// What the server gets in place of what came. With variables, but for strip_prefix.
struct Rewrite {
  std::string host;
  std::string path;
  std::string strip_prefix;
  std::string add_prefix;
  bool operator==(const Rewrite&) const = default;
};

struct Rule {
  Condition when;
  // what goes on
  std::vector<HeaderEdit> request_edits;
  std::vector<HeaderEdit> response_edits;
  std::optional<Rewrite> rewrite;
  std::optional<Duration> response_timeout;  ///< timeouts: of a rule
  std::optional<Duration> idle_timeout;
  std::optional<std::uint64_t> max_body_size;
  // what decides; one of them at most
  bool allow = false;
  int deny = 0;  ///< the status; 0: not denied
  std::optional<Redirect> redirect;
  std::optional<Reply> reply;
  std::string use;  ///< backend
  Place place, use_place;
  bool operator==(const Rule&) const = default;
};

enum class SentPath : std::uint8_t { kNormalized, kAsReceived };
enum class OddPath : std::uint8_t { kRefuse, kKeep };

/// path: of a frontend.
struct PathPolicy {
  SentPath send = SentPath::kNormalized;     ///< what servers get; rules see the normal form in any case
  OddPath encoded_slash = OddPath::kRefuse;  ///< %2F
  OddPath backslash = OddPath::kRefuse;      ///< \ and %5C
  bool operator==(const PathPolicy&) const = default;
};

enum class UnderscoreFields : std::uint8_t { kDrop, kKeep, kRefuse };
enum class AcceptedIds : std::uint8_t { kNone, kTrusted, kAny };

/// request_id: of a frontend.
struct RequestId {
  std::string field;  ///< empty: requests get none
  AcceptedIds accept = AcceptedIds::kTrusted;
  bool respond = false;
  bool operator==(const RequestId&) const = default;
};

enum class Mode : std::uint8_t { kHttp, kTcp };

enum class ForwardedFields : std::uint8_t { kSet, kOff };
enum class Connect : std::uint8_t { kRefused, kAllowed };
enum class H2c : std::uint8_t { kRefused, kAllowed };

struct Frontend {
  std::string name;
  std::vector<Bind> binds;
  Mode mode = Mode::kHttp;
  std::optional<ServerTls> tls;
  bool tls_passthrough = false;  ///< tls: passthrough: the clients' own TLS goes through unopened (mode: tcp)
  std::vector<Acl> acls;         ///< what the expressions of `rules` may name
  std::vector<Rule> rules;
  RuleLines rule_lines;               ///< asked before `rules`
  Duration tarpit{0};                 ///< how long an answer of `tarpit` is held back
  Duration inspect_delay{0};          ///< mode: tcp: how long a client's first bytes are waited for
  std::string default_backend;        ///< empty: requests that no rule takes get 404
  bool redirect_https = false;        ///< redirect: https (308 to the same host and path)
  std::uint16_t redirect_port = 443;  ///< where clients reach https; named in the Location unless it is 443
  PathPolicy path;
  UnderscoreFields underscore_fields = UnderscoreFields::kDrop;
  RequestId request_id;
  std::vector<ErrorPage> error_pages;
  std::optional<std::uint64_t> max_body_size;  ///< none: any
  ForwardedFields forwarded = ForwardedFields::kSet;
  AddressFields address_fields;
  ClientConnections connections;
  std::optional<Compression> compression;  ///< where the backend says nothing of it
  Connect connect = Connect::kRefused;     ///< the method CONNECT
  H2c h2c = H2c::kRefused;                 ///< HTTP/2 without TLS, by prior knowledge
  /// addresses or CIDR blocks of balancers in front: their connections begin with a PROXY header
  std::vector<std::string> accept_proxy;
  std::vector<std::string> trusted_proxies;  ///< addresses or CIDR blocks whose forwarding fields are kept
  Timeouts timeouts;
  std::uint32_t max_head_bytes = 32 * 1024;
  std::uint32_t max_fields = 100;
  std::uint32_t max_streams = 100;                    ///< requests at a time on one HTTP/2 connection
  std::optional<std::vector<AccessLog>> access_logs;  ///< none: those of the configuration
  /// HAProxy's way: errors of connecting to servers have that status instead of 502 and 504, and so has a request that leads
  /// nowhere, which is no mistake then.
  bool unreachable_is_503 = false;
  stats::LogPolicy log_policy;
  std::string
      error_log_format;  ///< of failed handshakes, in HAProxy's language; empty: HAProxy's words for them
  LogCaptures captures;
  UniqueId unique_id;
  std::string cause_header;  ///< field that tells the cause of errors that reseal answers; empty: none
  int number = 0;            ///< among all proxies (HAProxy's iid); 0: in order
  bool is_listen = false;    ///< a backend of the same number and name belongs to it, with servers or without
  std::optional<StatsPage> stats_page;
  Place place, default_place;
  /// The settings that hold for one of its binds; null: plaintext.
  [[nodiscard]] const ServerTls* tls_of(const Bind& bind) const;
  [[nodiscard]] bool has_tls_bind() const;
  [[nodiscard]] bool has_plain_bind() const;
  bool operator==(const Frontend&) const = default;
};

struct Admin {
  std::string socket = "/run/reseal/admin.sock";  ///< empty: none
  std::optional<Bind> http;                       ///< metrics and health; loopback unless spelled out
  std::vector<std::string>
      http_hosts;  ///< names in Host that `http` answers to, besides addresses and localhost
  Place place;
  bool operator==(const Admin&) const = default;
};

struct Configuration {
  std::string file;         ///< as given on the command line
  int workers = 0;          ///< 0: one a CPU (of the process's affinity mask)
  int max_connections = 0;  ///< client connections in all; 0: from the descriptor limit
  Duration drain = 30s;     ///< SIGTERM: how long what is in flight may take
  Log::Level log_level = Log::Level::kInfo;
  std::vector<AccessLog> access_logs;  ///< of frontends without their own
  Admin admin;
  ProcessSettings process;
  RuntimeApi runtime_api;
  std::string node;                 ///< name of this machine, as HAProxy's tools show it; empty: the host's
  std::string description;          ///< of this process
  std::vector<Frontend> frontends;  ///< in the order of the file
  std::vector<Backend> backends;
  std::vector<StickTable> stick_tables;
  std::vector<RuleLine>
      variables;  ///< of the process: `set-var proc.NAME EXPRESSION`, `set-var-fmt proc.NAME FORMAT`
  std::vector<UserList> user_lists;
  std::vector<Resolvers> resolvers;
  bool operator==(const Configuration&) const = default;
};

}  // namespace reseal::config
