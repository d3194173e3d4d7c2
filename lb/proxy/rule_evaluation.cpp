#include "lb/proxy/rule_evaluation.h"

#include "lb/proxy/connection_rules.h"

namespace reseal::proxy {
namespace {

using rules::actions::Run;
using rules::expression::Phase;
using rules::expression::Scope;
using rules::expression::VariableStore;

}  // namespace

void RuleEvaluation::reset() {
  if (!is_on()) return;
  context_ = {};
  frontend_ = backend_ = nullptr;
  request_ = nullptr;
  overrides_ = {};
}

void RuleEvaluation::begin(const Frontend& frontend, const ClientFacts& client, const VariableCounts& counts,
                           Random& random, http::RequestHead& head, std::string_view received_target) {
  frontend_ = frontend.rule_set.get();
  request_ = &head;
  context_.request = &head;
  context_.received_target = received_target;
  if (client.connection != nullptr) client.connection->describe(client, frontend.name, random, context_);
  context_.unique_id = head.request_id;
  const auto begin = [&](Scope scope, VariableStore& store) {
    const auto index = static_cast<std::size_t>(scope);
    if (counts[index] == 0) return;
    store.begin(counts[index], head.arena);
    context_.variables[index] = &store;
  };
  begin(Scope::kTransaction, transaction_);
  begin(Scope::kRequest, request_variables_);
  begin(Scope::kResponse, response_variables_);
}

// ---- the request

RuleEvaluation::Verdict RuleEvaluation::judge_request(const RuleSet& rules) {
  Run run{context_, request_->arena, request_, nullptr, &overrides_};
  for (const rules::actions::RuleList* list : {&rules.tcp_content, &rules.http_request, &rules.redirect}) {
    const Verdict verdict = list->run(run);
    if (verdict.kind == Verdict::Kind::kAnswer || verdict.kind == Verdict::Kind::kClose) return verdict;
  }
  return {};
}

RuleEvaluation::Verdict RuleEvaluation::judge_frontend() {
  return frontend_ != nullptr ? judge_request(*frontend_) : Verdict();
}

std::optional<RuleEvaluation::Choice> RuleEvaluation::choose_backend() {
  if (frontend_ == nullptr) return std::nullopt;
  for (const rules::actions::UseBackend& rule : frontend_->use_backend) {
    if (!rule.condition.holds(context_, request_->arena)) continue;
    if (rule.backend) return Choice{rule.backend};
    return Choice{std::nullopt,
                  rule.name.render(context_, request_->arena, rules::expression::Format::Use::kText)};
  }
  return std::nullopt;
}

RuleEvaluation::Verdict RuleEvaluation::judge_backend(const RuleSet* rules, std::string_view name) {
  context_.backend = name;
  // A `listen` is both, and asked once.
  if (rules == nullptr || rules == frontend_) return {};
  backend_ = rules;
  return judge_request(*rules);
}

// ---- the response

void RuleEvaluation::see_response(http::ResponseHead& head) {
  context_.phase = Phase::kResponse;
  context_.response = &head;
}

RuleEvaluation::Verdict RuleEvaluation::judge_response(http::ResponseHead& head, std::string_view server) {
  see_response(head);
  context_.server = server;
  Run run{context_, head.arena, request_, &head, &overrides_};
  for (const RuleSet* rules : {backend_, frontend_}) {
    if (rules == nullptr) continue;
    Verdict verdict = rules->http_response.run(run);
    if (verdict.kind != Verdict::Kind::kAnswer && verdict.kind != Verdict::Kind::kClose) continue;
    // The head of the response makes room for the answer's.
    verdict.location = request_->arena.copy(verdict.location);
    return verdict;
  }
  return {};
}

void RuleEvaluation::finish_response(http::ResponseHead& head) {
  see_response(head);
  Run run{context_, head.arena, request_, &head, &overrides_};
  for (const RuleSet* rules : {backend_, frontend_}) {
    if (rules != nullptr) (void)rules->http_after_response.run(run);
  }
}

void RuleEvaluation::add_fields(const rules::actions::Answer& answer, http::ResponseHead& head) {
  for (const rules::actions::Answer::Field& field : answer.fields) {
    head.add(http::field_name(field.name), field.name, field.value.render(context_, head.arena));
  }
}

std::string_view RuleEvaluation::body(const rules::actions::Answer& answer, Arena& arena) const {
  if (answer.body != nullptr) return answer.body->text;
  return answer.text.render(context_, arena, rules::expression::Format::Use::kText);
}

}  // namespace reseal::proxy
