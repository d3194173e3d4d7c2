#include "lb/proxy/rule_evaluation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lb/base/text.h"
#include "lb/proxy/connection_rules.h"
#include "lb/rules/expression/request_body.h"

namespace reseal::proxy {
namespace {

using rules::actions::Run;
using rules::expression::Phase;
using rules::expression::Scope;
using rules::expression::VariableStore;

/// While these rules are asked, and not those of YAML, whose texts may name parts of the request everywhere.
class RequestIsOver {
 public:
  explicit RequestIsOver(rules::expression::SampleContext& context) : context_(context) {
    context_.request_is_over = true;
  }
  ~RequestIsOver() { context_.request_is_over = false; }
  RequestIsOver(const RequestIsOver&) = delete;
  RequestIsOver& operator=(const RequestIsOver&) = delete;

 private:
  rules::expression::SampleContext& context_;
};

}  // namespace

void RuleEvaluation::reset() {
  if (!is_on()) return;
  context_ = {};
  frontend_ = backend_ = chosen_ = nullptr;
  request_ = nullptr;
  overrides_ = {};
  inspection_.reset();
  list_ = 0;
  rule_.reset();
}

void RuleEvaluation::begin(const Frontend& frontend, const ClientFacts& client, const VariableCounts& counts,
                           Random& random, http::RequestHead& head, std::string_view received_target) {
  frontend_ = frontend.rule_set.get();
  request_ = &head;
  context_.request = &head;
  context_.request_arena = &head.arena;
  context_.received_target = received_target;
  if (client.connection != nullptr) client.connection->describe(client, frontend, random, {}, context_);
  context_.unique_id = head.request_id;
  context_.overrides = &overrides_;
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
  const std::array lists = {&rules.tcp_content, &rules.http_request, &rules.last_checks, &rules.redirect};
  for (; list_ < lists.size(); ++list_) {
    const bool waits = rules.buffers_body && lists[list_] == &rules.http_request &&
                       context_.body != nullptr && !context_.body->is_enough(0);
    if (waits) return Verdict{Verdict::Kind::kWait};
    const bool inspects = lists[list_] == &rules.tcp_content && context_.inspection != nullptr;
    const Verdict verdict = inspects ? rules.tcp_content.inspect(run)
                                     : lists[list_]->run(run, std::exchange(rule_, std::nullopt));
    if (verdict.kind == Verdict::Kind::kWait && !inspects) rule_ = verdict.rule;
    if (verdict.kind != Verdict::Kind::kContinue && verdict.kind != Verdict::Kind::kAllow) return verdict;
  }
  list_ = 0;
  return {};
}

RuleEvaluation::Verdict RuleEvaluation::judge_frontend() {
  if (frontend_ == nullptr) return {};
  const Verdict verdict = judge_request(*frontend_);
  // Where no rules for content say what is waited for, those that choose the backend do.
  const bool waits = verdict.kind == Verdict::Kind::kContinue && context_.inspection != nullptr &&
                     frontend_->tcp_content.empty();
  if (!waits) return verdict;
  Arena scratch(request_->arena.pool());
  (void)inspection_->take_enough();
  for (const rules::actions::UseBackend& rule : frontend_->use_backend) {
    const auto truth = rule.condition.look(context_, scratch);
    if (truth == rules::expression::Truth::kYes) break;
    if (truth == rules::expression::Truth::kNotYet)
      return {Verdict::Kind::kWait, nullptr, {}, {std::nullopt, inspection_->take_enough()}, 0};
  }
  return verdict;
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

RuleEvaluation::Verdict RuleEvaluation::judge_backend(const RuleSet* rules,
                                                      const backends::Backend& backend) {
  context_.backend = backend.name;
  context_.backend_facts = &backend.facts;
  chosen_ = rules;
  // A `listen` is both, and asked once.
  if (rules == nullptr) return {};
  if (rules != frontend_) {
    backend_ = rules;
    if (const Verdict verdict = judge_request(*rules); verdict.kind != Verdict::Kind::kContinue)
      return verdict;
  }
  Run run{context_, request_->arena, request_, nullptr, &overrides_};
  return rules->handover.run(run);
}

// ---- the server

ServerOrders RuleEvaluation::order_server(const backends::Backend& backend) {
  ServerOrders orders;
  orders.priority = {overrides_.priority_class, overrides_.priority_offset};
  if (chosen_ == nullptr) return orders;
  for (const rules::actions::PersistRule& rule : chosen_->persist) {
    if (!rule.condition.holds(context_, request_->arena)) continue;
    (rule.forces ? orders.asks_down : orders.ignored) = true;
    break;
  }
  orders.assigned = assigned_server(backend, orders.asks_down || backend.asks_down);
  if (!orders.assigned) orders.assigned = server_of_cookie(backend, orders.asks_down || backend.asks_down);
  orders.hashed = hashed_value();
  return orders;
}

std::optional<std::uint32_t> RuleEvaluation::assigned_server(const backends::Backend& backend,
                                                             bool asks_down) {
  for (const rules::actions::UseServer& rule : chosen_->use_server) {
    if (!rule.condition.holds(context_, request_->arena)) continue;
    const std::string_view name =
        rule.name.render(context_, request_->arena, rules::expression::Format::Use::kText);
    const auto found = std::ranges::find_if(backend.servers,
                                            [&](const auto& server) { return server->state->name == name; });
    // Of one that is down the next rule may know a better one.
    if (found != backend.servers.end() && (asks_down || (*found)->state->is_up()))
      return static_cast<std::uint32_t>(found - backend.servers.begin());
  }
  return std::nullopt;
}

/// "IP.PORT.": numbers whose bytes are in network order, as they lie in the memory of a machine that has the least first.
std::optional<std::uint32_t> RuleEvaluation::server_of_cookie(const backends::Backend& backend,
                                                              bool asks_down) {
  if (!chosen_->rdp_cookie) return std::nullopt;
  const auto value = chosen_->rdp_cookie->text(context_, request_->arena);
  if (!value) return std::nullopt;
  const std::size_t first = value->find('.');
  const std::size_t second = first == std::string_view::npos ? first : value->find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto address = parse_decimal(value->substr(0, first));
  const auto port = parse_decimal(value->substr(first + 1, second - first - 1));
  if (!address || !port || *address > UINT32_MAX || *port > UINT16_MAX) return std::nullopt;
  std::array<char, 4> host{};
  for (std::size_t i = 0; i < host.size(); ++i) host[i] = static_cast<char>(*address >> (8 * i));
  const auto own_port = static_cast<std::uint16_t>(*port << 8 | *port >> 8);
  const auto found = std::ranges::find_if(backend.servers, [&](const auto& server) {
    const net::Address own = server->state->address.get();
    return own.port() == own_port && own.host_bytes() == std::string_view(host.data(), host.size());
  });
  if (found == backend.servers.end() || !(asks_down || (*found)->state->is_up())) return std::nullopt;
  return static_cast<std::uint32_t>(found - backend.servers.begin());
}

/// As HAProxy hashes it: text, the bytes of an address, or eight bytes of a number.
std::optional<std::string_view> RuleEvaluation::hashed_value() {
  if (!chosen_->balance_hash) return std::nullopt;
  Arena& arena = request_->arena;
  const auto sample = chosen_->balance_hash->evaluate(context_, arena);
  if (!sample) return std::nullopt;
  if (sample->is_text()) return sample->text;
  if (sample->is_address()) return arena.copy(sample->address_bytes());
  std::array<char, sizeof(std::int64_t)> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(sample->integer) >> (8 * (bytes.size() - 1 - i)));
  return arena.copy({bytes.data(), bytes.size()});
}

// ---- the response

void RuleEvaluation::see_response(http::ResponseHead& head, TimePoint now,
                                  std::span<const std::string_view> captured) {
  context_.now = now;
  context_.phase = Phase::kResponse;
  context_.response = &head;
  context_.captured_response = captured;
}

/// As with HAProxy, the backend's alone.
RuleEvaluation::Verdict RuleEvaluation::judge_first_bytes(Run& run) {
  return chosen_ != nullptr ? chosen_->tcp_response.run(run) : Verdict();
}

RuleEvaluation::Verdict RuleEvaluation::judge_response(http::ResponseHead& head,
                                                       const backends::Server& server,
                                                       const rules::expression::ServerLink& link) {
  context_.server = server.state->name;
  context_.server_id = server.id;
  context_.server_link = &link;
  const RequestIsOver over(context_);
  Run run{context_, head.arena, request_, &head, &overrides_};
  if (Verdict verdict = judge_first_bytes(run); verdict.kind == Verdict::Kind::kClose) return verdict;
  for (const RuleSet* rules : {backend_, frontend_}) {
    if (rules == nullptr) continue;
    Verdict verdict = rules->http_response.run(run);
    if (verdict.kind != Verdict::Kind::kAnswer && verdict.kind != Verdict::Kind::kClose) continue;
    // The head of the response makes room for the answer's, which does not see it, as in HAProxy.
    verdict.location = request_->arena.copy(verdict.location);
    context_.response = nullptr;
    return verdict;
  }
  return {};
}

void RuleEvaluation::finish_response(http::ResponseHead& head) {
  see_response(head, context_.now, context_.captured_response);
  const RequestIsOver over(context_);
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
  return answer.text.render(context_, arena);
}

}  // namespace reseal::proxy
