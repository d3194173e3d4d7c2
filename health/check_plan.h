// A check ready to be made: addresses resolved, TLS contexts at hand, patterns compiled. Immutable; shared by the generation
// and the watch.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "backends/server.h"
#include "lb/config/model.h"
#include "lb/net/address.h"
#include "lb/rules/expression/regex.h"
#include "tls/client_context.h"

namespace reseal::health {

/// How traffic reaches a server: what checks do unless they say otherwise.
struct TrafficPath {
  net::Address address;
  std::string socket;                             ///< of a unix socket in its place; empty: none
  std::shared_ptr<const tls::ClientContext> tls;  ///< null: plaintext
  std::shared_ptr<const tls::ClientContext>
      check_tls;  ///< for checks over TLS where traffic has none; may be null
  tls::PeerIdentity peer;
  std::string host;  ///< the Host of HTTP checks unless they say otherwise
  backends::ServerProtocol protocol = backends::ServerProtocol::kHttp1;
  std::string preface;       ///< what each connection of traffic begins with: a PROXY header, or nothing
  std::string proxy_header;  ///< for checks that ask for one
  net::Address source;       ///< what connections come from; empty: the system chooses
};

struct PlannedConnect {
  net::Address address;
  std::string socket;  ///< of a unix socket in its place; empty: none
  std::shared_ptr<const tls::ClientContext> tls;
  tls::PeerIdentity peer;
  tls::AlpnOffer alpn = tls::AlpnOffer::kNone;
  std::string preface;
  net::Address source;
  bool is_traffic_host = true;  ///< where the server is, whatever the port
  std::uint16_t told_port = 0;  ///< the one that the step itself names, for messages
};

struct PlannedExpect {
  config::CheckExpect settings;
  std::shared_ptr<const rules::expression::Regex> regex;  ///< of the kinds that have one
  std::shared_ptr<const rules::expression::Regex> field_regex, value_regex;
};

struct PlannedStep {
  std::variant<PlannedConnect, config::CheckSend, config::CheckRequest, PlannedExpect> what;
  std::string comment;
  int number = 0;  ///< as HAProxy counts them; 0: not counted
};

struct CheckPlan {
  std::vector<PlannedStep> steps;  ///< the first connects
  backends::ServerProtocol protocol = backends::ServerProtocol::kHttp1;
  bool tells_steps = false;
  bool drains_on_404 = false;
};

/// They ask the same of the same, under the same trust.
bool same_plan(const CheckPlan& a, const CheckPlan& b);

/// The same for a server that is at `address` now.
std::shared_ptr<const CheckPlan> moved_plan(const CheckPlan& plan, const net::Address& address);

/// The plan of a check, or why there can be none: a pattern that is no regular expression, a name that does not resolve, TLS
/// without settings. Resolves names (blocking).
std::expected<std::shared_ptr<const CheckPlan>, std::string> make_check_plan(const config::Check& check,
                                                                             const TrafficPath& path);

}  // namespace reseal::health
