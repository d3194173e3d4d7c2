// What the expressions of a log format see of a request at its end. Single thread.
#pragma once

#include <optional>

#include "lb/http/message.h"
#include "lb/proxy/forwarding.h"
#include "lb/rules/expression/log_format.h"
#include "lb/stats/access_record.h"
#include "tls/client_hello.h"

namespace reseal::proxy {

/// Made for one record, whose views it shares; all else is borrowed as well. Texts are made in the request's arena.
class LogEvaluation {
 public:
  /// `by_rules`: what rules have seen of the request, with their variables; null: there were none. `link`: to the server; null: there is none
  /// yet.
  LogEvaluation(const stats::AccessRecord& record, const ClientFacts& client, http::RequestHead& request,
                const http::ResponseHead* response, const rules::expression::SampleContext* by_rules,
                const rules::expression::ServerLink* link, TimePoint now);
  LogEvaluation(const LogEvaluation&) = delete;
  LogEvaluation& operator=(const LogEvaluation&) = delete;

  [[nodiscard]] const stats::LogEvaluation& get() const { return evaluated_; }

 private:
  rules::expression::TlsFacts tls_;
  std::optional<tls::ClientHello> hello_;
  rules::expression::SampleContext context_;
  rules::expression::LogContext evaluated_;
};

}  // namespace reseal::proxy
