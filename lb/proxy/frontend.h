// A frontend as one generation knows it: what is asked of its clients and where their requests go. Immutable;
// any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/address_fields.h"
#include "lb/base/clock.h"
#include "lb/http/compression_policy.h"
#include "lb/http/h1_parser.h"
#include "lb/http/path.h"
#include "lb/http/sanitize.h"
#include "lb/net/cidr.h"
#include "lb/proxy/access_log.h"
#include "lb/proxy/captures.h"
#include "lb/proxy/client_gate.h"
#include "lb/proxy/error_pages.h"
#include "lb/proxy/request_id.h"
#include "lb/proxy/router.h"
#include "lb/proxy/stats_page.h"
#include "lb/rules/actions/rule_set.h"
#include "lb/rules/expression/process_variables.h"
#include "lb/stats/counters.h"
#include "lb/stats/log_policy.h"
#include "tls/server_context.h"

namespace reseal::proxy {

struct ClientTimeouts {
  Duration handshake{10000};
  Duration request_head{10000};
  Duration request_body{30000};
  Duration keep_alive{60000};
  Duration response_write{30000};
  Duration tarpit{0};
  Duration inspect{0};
};

/// What is asked of the connections that come in at one bind. They keep what they began with.
struct BindSettings {
  std::shared_ptr<const tls::ServerContext> tls;  ///< null: plaintext
  net::CidrSet proxy_senders;  ///< balancers in front: their connections begin with a PROXY header
  bool every_sender = false;   ///< all connections begin with one, those of unix sockets too
  bool h2c = false;            ///< HTTP/2 without TLS is served to clients that begin with its preface
  std::uint16_t number = 0;    ///< of the bind among the frontend's, from 1
  std::string name;            ///< that lines have in place of the number; empty: none
};

struct Frontend {
  std::string name;
  rules::expression::FrontendFacts facts;
  std::vector<std::shared_ptr<const BindSettings>>
      binds;                 ///< in the order of the configuration; none is null
  bool is_tcp = false;       ///< mode: tcp: connections are passed on as they are
  bool passthrough = false;  ///< with is_tcp: the clients' own TLS goes through; its ClientHello is read
  Router router;
  std::shared_ptr<const rules::actions::RuleSet> rule_set;  ///< in HAProxy's language; null: none
  std::shared_ptr<rules::expression::ProcessVariables> process_variables;  ///< only read
  http::PathPolicy path;
  bool sends_path_as_received = false;  ///< servers get the client's spelling, not the normal form
  http::UnderscoreFields underscore_fields = http::UnderscoreFields::kDrop;
  RequestIdSettings request_id;
  ErrorPages error_pages;
  std::uint64_t max_body_bytes = UINT64_MAX;
  bool set_forwarding_fields = true;
  backends::AddressFields address_fields;
  std::shared_ptr<const http::CompressionPolicy> compression;  ///< where the backend has none; null: none
  std::shared_ptr<ClientGate> gate = std::make_shared<ClientGate>(0U, 0U);  ///< never null
  bool one_request = false;      ///< clients' connections are closed after a response
  bool server_closes = false;    ///< those to servers are
  bool sends_probes = false;     ///< SO_KEEPALIVE
  net::CidrSet trusted_proxies;  ///< clients whose forwarding fields are kept
  ClientTimeouts timeouts;
  http::HeadLimits limits;
  std::vector<AccessLog> access_logs;  ///< empty: no line is written
  std::uint8_t log_needs = 0;          ///< stats::LogNeeds of them all
  stats::LogPolicy log_policy;
  CaptureRules captures;
  std::optional<stats::HaproxyFormat> error_log_format;  ///< of failed handshakes; none: HAProxy's words
  std::optional<stats::HaproxyFormat> unique_id;
  std::string unique_id_field;                  ///< that servers get it in; empty: none
  bool unreachable_is_503 = false;              ///< instead of 502 and 504, and 404 of what leads nowhere
  std::shared_ptr<const StatsPage> stats_page;  ///< null: it serves none
  std::string cause_header;                     ///< field that tells the cause of our own errors; empty: none
  std::shared_ptr<stats::CounterSet> counters;  ///< never null; survives reloads
};

}  // namespace reseal::proxy
