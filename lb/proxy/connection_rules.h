// What rules know of one client connection for as long as it lives: its TLS, its first message, the variables of its
// session. Owner: the client connection, which has none where no rules are asked. Single thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lb/base/arena.h"
#include "lb/base/random.h"
#include "lb/proxy/forwarding.h"
#include "lb/proxy/frontend.h"
#include "lb/rules/actions/action.h"
#include "lb/rules/expression/sample_context.h"
#include "lb/rules/expression/variables.h"
#include "lb/rules/stick/tracking.h"
#include "tls/client_hello.h"
#include "tls/connection_facts.h"

namespace reseal::proxy {

class ConnectionRules {
 public:
  explicit ConnectionRules(BufferPool& pool) : arena_(pool) {}

  /// The names of the session's scope. Variables keep their values where earlier names have the same numbers among them.
  void use_names(std::shared_ptr<const std::vector<std::string>> names);

  void set_tls(tls::ConnectionFacts facts);
  /// The connection as the kernel has it; before anything is asked.
  void set_socket(const rules::expression::SocketFacts& socket) { socket_ = socket; }
  void note_proxy_header() { socket_.had_proxy_header = true; }
  /// A request begins, be it the first or not.
  void note_request(bool is_used, bool is_draining) {
    socket_.is_used = is_used;
    socket_.is_draining = is_draining;
  }
  /// A ClientHello that is passed on.
  void set_hello(tls::ClientHello hello) { hello_ = std::move(hello); }
  /// What is long of it was looked at.
  void forget_hello_lists();

  /// Null: the connection is not TLS, or its handshake is not over.
  [[nodiscard]] const rules::expression::TlsFacts* tls() const { return has_tls_ ? &tls_ : nullptr; }
  [[nodiscard]] const tls::ClientHello* hello() const { return hello_ ? &*hello_ : nullptr; }
  /// Fills in what rules may look at that are asked about the connection as a whole; borrows all of it.
  void describe(const ClientFacts& client, const Frontend& frontend, Random& random, TimePoint now,
                rules::expression::SampleContext& context);
  [[nodiscard]] rules::expression::VariableStore& variables() { return session_; }
  [[nodiscard]] Arena& arena() { return arena_; }
  /// What rules say of the connection.
  [[nodiscard]] rules::actions::Overrides& overrides() { return overrides_; }
  /// What is tracked as long as the connection lives.
  [[nodiscard]] rules::stick::Tracking& tracking() { return tracking_; }

 private:
  Arena arena_;
  rules::actions::Overrides overrides_;
  rules::expression::VariableStore session_;
  std::shared_ptr<const std::vector<std::string>> names_;  // of its variables
  rules::stick::Tracking tracking_;
  tls::ConnectionFacts facts_;  // what the views of tls_ point to
  std::vector<rules::expression::NameEntry> subject_, issuer_;
  rules::expression::TlsFacts tls_;
  rules::expression::SocketFacts socket_;
  std::optional<tls::ClientHello> hello_;
  bool has_tls_ = false;
};

}  // namespace reseal::proxy
