// How a haproxy.cfg says that servers are checked, in its own terms. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lb/config/check_steps.h"
#include "lb/config/server_options.h"

namespace reseal::haproxy {

/// Of `http-check send`, and of `option httpchk`: what is not said comes from the latter.
struct CheckSendDraft {
  std::optional<std::string> method, target, version;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
};

/// One line of `http-check` or `tcp-check`.
struct CheckStepDraft {
  config::CheckStep step;      ///< of an HTTP request: a place to put it
  CheckSendDraft send;         ///< of an HTTP request
  bool takes_default = false;  ///< connect default: as the server's own options say
};

enum class CheckDraftKind : std::uint8_t { kConnect, kHttp, kTcp, kCanned };

struct CheckDraft {
  CheckDraftKind kind = CheckDraftKind::kConnect;
  CheckSendDraft httpchk;
  std::vector<CheckStepDraft> http_steps, tcp_steps;
  std::vector<config::CheckStep> canned;
  bool drains_on_404 = false;
  bool tells_state = false;
  bool is_logged = false;
};

/// Of a `server` line, about its check.
struct ServerCheckOptions {
  std::uint16_t port = 0;
  std::string host;
  std::optional<bool> tls;
  std::string sni;
  config::CheckAlpn alpn = config::CheckAlpn::kAsTraffic;
  bool send_proxy = false;
  std::string tracks;
  bool observes_connections = false;  ///< observe layer4
  bool observes_responses = false;    ///< observe layer7
  bool agent = false;
  config::AgentCheck agent_settings;
  int error_limit = 10;
  config::Suspicion on_error = config::Suspicion::kCheckSoon;
  bool operator==(const ServerCheckOptions&) const = default;
};

}  // namespace reseal::haproxy
