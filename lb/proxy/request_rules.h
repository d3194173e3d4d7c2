// What a frontend's settings make of one request, from its head to its end: the form of its path, the fields it may
// carry, its id, where the rules send it and what they change. Owner: the exchange, which asks and obeys. Single
// thread; allocates nothing once its decision has its memory.
#pragma once

#include "lb/proxy/forwarding.h"
#include "lb/proxy/frontend.h"
#include "lb/proxy/local_generation.h"
#include "lb/proxy/request_id.h"
#include "lb/proxy/router.h"
#include "lb/proxy/rule_evaluation.h"
#include "lb/rules/stick/tracking.h"

namespace reseal::proxy {

/// What rules in HAProxy's language need beside the request. Borrowed until the request is forgotten.
struct RuleScope {
  const RoutingTable& table;
  Random& random;
  TimePoint now{};
  std::span<const std::string_view> captured{};  ///< of the request
  rules::expression::CaptureSlots* captures = nullptr;
  const rules::expression::RequestBody* body = nullptr;  ///< as far as it was waited for
};

/// Of a request whose body allows_body() does not allow.
inline constexpr Error kTooLarge{
    Code::kBodyTooLarge, Origin::kClient, "the body is larger than max_body_size", 0, 0, 0};

/// A body and its type, and of a whole response its status.
struct StaticView {
  std::string_view content_type;
  std::string_view text;
  int status = 0;  ///< 0: the one it is sent for
};

class RequestRules {
 public:
  /// Brings `head` into the form that rules look at, and lets them decide. The error says why the request is
  /// refused. `frontend` and what `client` points to must outlive the request.
  Result<void> judge(const Frontend& frontend, const ClientFacts& client, RequestIds& ids,
                     http::RequestHead& head, const RuleScope& scope);
  /// The body has come that judge() has said is waited for: on with it.
  void judge_on(const Frontend& frontend, const RoutingTable& table, http::RequestHead& head);
  /// What the rules of the backend say that judge() has chosen; may change the decision. Again when a body has come.
  void enter_backend(const rules::actions::RuleSet* rules, const backends::Backend& backend);
  /// What they say of its server. After that.
  [[nodiscard]] ServerOrders order_server(const backends::Backend& backend) {
    return lines_.is_on() ? lines_.order_server(backend) : ServerOrders();
  }
  /// Forgets the request.
  void reset();
  /// A request begins, good or bad: where its connection is tracked it is counted.
  void begin_tracking(const Frontend& frontend, const ClientFacts& client, TimePoint now);

  [[nodiscard]] const Decision& decision() const { return decision_; }

  /// The head as the server of `backend` gets it. After judge(), once. The error says why there is none.
  Result<void> prepare_request(const Frontend& frontend, const ClientFacts& client, std::string_view backend,
                               http::RequestHead& head);
  /// The response is there, before anything is made of it: counted, and seen by rules. `captured` of it: borrowed as
  /// what begins with judge().
  void see_response(http::ResponseHead& head, TimePoint now, std::span<const std::string_view> captured);
  /// What rules say of a server's response, which may be that something else is answered: decision() tells. False then.
  [[nodiscard]] bool judge_response(http::ResponseHead& head, const backends::Server& server,
                                    const rules::expression::ServerLink& link);
  /// The head as the client gets it, but for what finish_response() does; reseal's own replies too.
  void prepare_response(http::ResponseHead& head);
  /// The last word of rules in HAProxy's language, on what else was added, too.
  void finish_response(http::ResponseHead& head) {
    if (lines_.is_on()) lines_.finish_response(head);
  }

  /// What must not get to the server beside that head: trailers under the name of a field that was set or removed.
  void prepare_request_trailers(std::span<http::Field> trailers) const;
  /// The same of a response: its trailers, and the fields of an interim one (1xx).
  void prepare_beside_response(std::span<http::Field> fields) const;

  /// Where a rule redirects to; in `arena`.
  [[nodiscard]] std::string_view location(Arena& arena) const;
  /// The fields of a rule's reply, redirect or refusal.
  void add_reply_fields(http::ResponseHead& head);
  /// The body of a rule's reply; in `arena`, or the rule's own.
  [[nodiscard]] StaticView reply_body(Arena& arena) const;

  /// A body of so many bytes is within the limit.
  [[nodiscard]] bool allows_body(std::uint64_t bytes) const { return bytes <= max_body_bytes_; }
  [[nodiscard]] Duration response_timeout(Duration of_backend) const {
    return decision_.response_timeout.value_or(lines_.overrides().server_timeout.value_or(of_backend));
  }
  [[nodiscard]] Duration idle_timeout(Duration of_backend) const {
    return decision_.idle_timeout.value_or(lines_.overrides().server_timeout.value_or(of_backend));
  }
  [[nodiscard]] Duration tunnel_timeout(Duration of_backend) const {
    return lines_.overrides().tunnel_timeout.value_or(of_backend);
  }
  /// A rule wants no line in the log about it.
  [[nodiscard]] bool is_silent() const {
    return lines_.overrides().log_level == rules::actions::Overrides::kSilent;
  }
  /// Fields to be told before the response, once.
  [[nodiscard]] std::vector<rules::actions::Overrides::Hint> take_hints() { return lines_.take_hints(); }
  /// The rules in HAProxy's language.
  [[nodiscard]] const RuleEvaluation& lines() const { return lines_; }
  /// What expressions see of the request; null where none are asked.
  [[nodiscard]] const rules::expression::SampleContext* context() const {
    return lines_.is_on() ? &lines_.context() : nullptr;
  }
  /// What the request and its connection track.
  [[nodiscard]] rules::stick::Tracking& tracking() { return tracking_; }

 private:
  /// False: a rule in HAProxy's language has decided.
  [[nodiscard]] bool obey(const rules::actions::Verdict& verdict);
  void judge_by_lines(const Frontend& frontend, const ClientFacts& client, http::RequestHead& head,
                      const RuleScope& scope);
  /// What the frontend's own rules and its default say, and how large a body may be by them.
  void decide_route(const Frontend& frontend, const http::RequestHead& head);
  void gather_facts(const Frontend& frontend, const ClientFacts& client, http::RequestHead& head);
  Result<void> rewrite(const rules::Rewrite& wanted, http::RequestHead& head) const;

  Decision decision_;
  RuleEvaluation lines_;
  rules::stick::Tracking tracking_;
  rules::RequestFacts facts_;
  std::string_view received_target_;
  std::size_t received_fields_ = 0;  ///< those that rules or reseal have added stand behind
  std::string_view normal_target_;   ///< what became of it before rules changed it
  std::uint64_t max_body_bytes_ = 0;
  const RequestIdSettings* request_id_ = nullptr;  ///< null before judge()
};

}  // namespace reseal::proxy
