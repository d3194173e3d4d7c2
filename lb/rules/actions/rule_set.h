// All rules of one proxy section, by the moment they are asked. Compiled once; immutable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lb/rules/actions/rule_list.h"
#include "lb/rules/expression/format.h"

namespace reseal::rules::actions {

/// `use_backend NAME if CONDITION`.
struct UseBackend {
  expression::Condition condition;
  std::optional<std::uint32_t> backend;  ///< its index; nothing: `name` says which
  expression::Format name;
};

/// `use-server NAME if CONDITION`.
struct UseServer {
  expression::Condition condition;
  expression::Format name;
};

/// `force-persist if CONDITION`, `ignore-persist if CONDITION`.
struct PersistRule {
  expression::Condition condition;
  bool forces = false;
};

struct RuleSet {
  bool buffers_body = false;  ///< http_request is asked when the request's body has come
  RuleList tcp_connection;    ///< when a connection was accepted
  RuleList tcp_session;       ///< when its handshake is over
  RuleList tcp_content;       ///< at each request, before http_request; in mode tcp: at the first bytes
  RuleList http_request;
  RuleList redirect;     ///< after http_request, whatever that allowed
  RuleList last_checks;  ///< after http_request, whatever that allowed
  RuleList handover;     ///< of the backend alone: last, before a server gets the request
  RuleList
      tcp_response;  ///< at each response, before http_response; in mode tcp: once the server is connected
  RuleList http_response;
  RuleList http_after_response;  ///< of every response, reseal's own too
  std::vector<UseBackend> use_backend;
  std::vector<UseServer> use_server;
  std::vector<PersistRule> persist;                    ///< the first that holds counts
  std::optional<expression::Expression> rdp_cookie;    ///< in which clients of RDP name their server
  std::optional<expression::Expression> balance_hash;  ///< what a server is chosen by
};

}  // namespace reseal::rules::actions
