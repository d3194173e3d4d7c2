// The rules of HAProxy's language for one request, from its head to its response: what they look at, in which order they
// are asked, and what they leave behind. A member of RequestRules, which obeys. Single thread; allocates nothing once its
// variables have their memory.
//
//   frontend: tcp-request content ► http-request ► last checks ► redirect ► use_backend
//   backend:  the same but for use_backend ► handover
//   response: backend's tcp-response content ► its http-response ► frontend's ► http-after-response of both (those also with reseal's own answers)
#pragma once

#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "backends/backend.h"
#include "lb/base/random.h"
#include "lb/proxy/forwarding.h"
#include "lb/proxy/frontend.h"
#include "lb/proxy/server_orders.h"
#include "lb/rules/actions/rule_set.h"
#include "lb/rules/expression/inspection.h"
#include "lb/rules/expression/variables.h"

namespace reseal::proxy {

/// How many names of variables each scope has.
using VariableCounts = std::array<std::size_t, rules::expression::kScopes>;

class RuleEvaluation {
 public:
  using RuleSet = rules::actions::RuleSet;
  using Verdict = rules::actions::Verdict;

  /// Forgets the request. What was borrowed is not looked at any more.
  void reset();

  /// A request begins; all is borrowed until reset().
  void begin(const Frontend& frontend, const ClientFacts& client, const VariableCounts& counts,
             Random& random, http::RequestHead& head, std::string_view received_target);
  /// What requests track, which outlives them, the time, and what is captured of the request.
  void use(rules::stick::Tracking& tracking, TimePoint now, std::span<const std::string_view> captured,
           rules::expression::CaptureSlots* captures, const rules::expression::RequestBody* body) {
    context_.body = body;
    if (body != nullptr && body->is_raw) context_.inspection = &inspection_.emplace(*body);
    context_.captures = captures;
    context_.tracking = &tracking;
    context_.captured_request = captured;
    context_.now = now;
  }
  [[nodiscard]] bool is_on() const { return context_.request != nullptr; }

  /// What the frontend's rules say. Once, after begin(); again after it has said that the request's body is waited for.
  Verdict judge_frontend();
  /// Which backend its `use_backend` rules choose: an index, or the name of one. Nothing: none of them holds.
  struct Choice {
    std::optional<std::uint32_t> index;
    std::string_view name{};
  };
  std::optional<Choice> choose_backend();
  /// What the rules of the backend say that was chosen. `rules` may be null. Again as above.
  Verdict judge_backend(const RuleSet* rules, const backends::Backend& backend);

  /// It was asked for.
  [[nodiscard]] bool has_backend() const { return !context_.backend.empty(); }

  /// What its rules say of the server. After judge_backend().
  ServerOrders order_server(const backends::Backend& backend);

  /// The response is there, as the server has sent it; `now` counts from here on.
  void see_response(http::ResponseHead& head, TimePoint now, std::span<const std::string_view> captured);
  /// What they say of the server's response.
  Verdict judge_response(http::ResponseHead& head, const backends::Server& server,
                         const rules::expression::ServerLink& link);
  /// The last word on a response, whoever made it.
  void finish_response(http::ResponseHead& head);
  /// The fields of an answer, and its body.
  void add_fields(const rules::actions::Answer& answer, http::ResponseHead& head);
  [[nodiscard]] std::string_view body(const rules::actions::Answer& answer, Arena& arena) const;

  [[nodiscard]] const rules::actions::Overrides& overrides() const { return overrides_; }
  /// Fields to be told before the response, once.
  [[nodiscard]] std::vector<rules::actions::Overrides::Hint> take_hints() {
    return std::exchange(overrides_.hints, {});
  }
  /// For what is evaluated besides (access logs).
  [[nodiscard]] const rules::expression::SampleContext& context() const { return context_; }

 private:
  Verdict judge_request(const RuleSet& rules);
  Verdict judge_first_bytes(rules::actions::Run& run);
  std::optional<std::uint32_t> assigned_server(const backends::Backend& backend, bool asks_down);
  std::optional<std::uint32_t> server_of_cookie(const backends::Backend& backend, bool asks_down);
  std::optional<std::string_view> hashed_value();

  const RuleSet* frontend_ = nullptr;
  const RuleSet* backend_ = nullptr;
  const RuleSet* chosen_ = nullptr;  // the backend's, also where it has them in common with the frontend
  http::RequestHead* request_ = nullptr;
  rules::expression::SampleContext context_;
  rules::expression::VariableStore transaction_, request_variables_, response_variables_;
  std::optional<rules::expression::Inspection> inspection_;  // of mode tcp
  rules::actions::Overrides overrides_;
  // Where judging goes on that has waited for the body.
  std::size_t list_ = 0;
  std::optional<std::size_t> rule_;
};

}  // namespace reseal::proxy
