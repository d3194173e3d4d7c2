#include "lb/proxy/request_rules.h"

#include <cstring>

#include "lb/http/head_rules.h"
#include "lb/http/path.h"
#include "lb/http/sanitize.h"
#include "lb/proxy/connection_rules.h"

namespace reseal::proxy {
namespace {

std::string_view joined(std::string_view a, std::string_view b, Arena& arena) {
  if (b.empty()) return a;
  char* text = arena.allocate(a.size() + b.size());
  if (!a.empty()) std::memcpy(text, a.data(), a.size());
  std::memcpy(text + a.size(), b.data(), b.size());
  return {text, a.size() + b.size()};
}

}  // namespace

void RequestRules::reset() {
  decision_.reset();
  facts_ = {};
  received_target_ = normal_target_ = {};
  lines_.reset();
  request_id_ = nullptr;
}

void RequestRules::begin_tracking(const Frontend& frontend, const ClientFacts& client, TimePoint now) {
  if (client.connection == nullptr) return;
  tracking_.begin(&client.connection->tracking(), !frontend.is_tcp);
  if (!frontend.is_tcp) tracking_.count_request(now);
}

Result<void> RequestRules::judge(const Frontend& frontend, const ClientFacts& client, RequestIds& ids,
                                 http::RequestHead& head, const RuleScope& scope) {
  max_body_bytes_ = frontend.max_body_bytes;
  received_target_ = head.target;
  received_fields_ = head.fields.size();
  if (!frontend.is_tcp) {
    if (head.method != http::Method::kConnect) {
      const auto target = http::normal_target(head.target, frontend.path, head.arena);
      if (!target) return std::unexpected(target.error());
      head.target = *target;
    }
    const auto done = http::drop_untrusted_fields(head, frontend.underscore_fields, client.trusted);
    if (!done) return done;
    request_id_ = &frontend.request_id;
    assign_request_id(frontend.request_id, client.trusted, ids, head);
    facts_.request_id = head.request_id;
  }
  normal_target_ = head.target;
  if (frontend.router.has_rules()) gather_facts(frontend, client, head);
  if (scope.table.has_rule_sets) {
    judge_by_lines(frontend, client, head, scope);
  } else {
    decide_route(frontend, head);
  }
  return {};
}

// ---- rules in HAProxy's language

bool RequestRules::obey(const rules::actions::Verdict& verdict) {
  using Kind = rules::actions::Verdict::Kind;
  using Outcome = Decision::Outcome;
  if (verdict.kind == Kind::kContinue || verdict.kind == Kind::kAllow) return true;
  if (verdict.kind == Kind::kWait) {
    decision_.outcome = Outcome::kWait;
    decision_.wish = verdict.body;
    return false;
  }
  decision_.rule = nullptr;
  decision_.answer = verdict.answer;
  decision_.location = verdict.location;
  if (verdict.kind == Kind::kClose) {
    decision_.outcome = Outcome::kClose;
    return false;
  }
  switch (verdict.answer->kind) {
    case rules::actions::Answer::Kind::kError:
      decision_.outcome = Outcome::kDeny;
      break;
    case rules::actions::Answer::Kind::kRedirect:
      decision_.outcome = Outcome::kRedirect;
      break;
    case rules::actions::Answer::Kind::kReply:
      decision_.outcome = Outcome::kReply;
      break;
    case rules::actions::Answer::Kind::kMetrics:
      decision_.outcome = Outcome::kMetrics;
      break;
  }
  return false;
}

void RequestRules::judge_by_lines(const Frontend& frontend, const ClientFacts& client,
                                  http::RequestHead& head, const RuleScope& scope) {
  lines_.begin(frontend, client, scope.table.variable_counts, scope.random, head, received_target_);
  facts_.sample = &lines_.context();
  facts_.arena = &head.arena;
  lines_.use(tracking_, scope.now, scope.captured, scope.captures, scope.body);
  judge_on(frontend, scope.table, head);
}

void RequestRules::judge_on(const Frontend& frontend, const RoutingTable& table, http::RequestHead& head) {
  decision_.outcome = Decision::Outcome::kNoRoute;
  if (!obey(lines_.judge_frontend())) return;
  if (const auto choice = lines_.choose_backend()) {
    const auto index = choice->index ? choice->index : table.find_backend(choice->name);
    // What one of them would ask of a request is not asked of bytes, nor the other way round.
    const bool is_unfit = index && !choice->index && table.backend_is_tcp[*index] != frontend.is_tcp;
    if (is_unfit) {
      decision_.outcome = Decision::Outcome::kClose;
      return;
    }
    if (index) {
      decision_.outcome = Decision::Outcome::kBackend;
      decision_.backend = *index;
      return;
    }
  }
  decide_route(frontend, head);
}

void RequestRules::decide_route(const Frontend& frontend, const http::RequestHead& head) {
  frontend.router.decide(head, facts_, decision_);
  max_body_bytes_ = decision_.max_body_bytes.value_or(max_body_bytes_);
}

void RequestRules::enter_backend(const rules::actions::RuleSet* rules, const backends::Backend& backend) {
  decision_.outcome = Decision::Outcome::kBackend;
  if (lines_.is_on()) (void)obey(lines_.judge_backend(rules, backend));
}

void RequestRules::see_response(http::ResponseHead& head, TimePoint now,
                                std::span<const std::string_view> captured) {
  if (!lines_.is_on()) return;
  lines_.see_response(head, now, captured);
  tracking_.count_status(head.status, now);
}

bool RequestRules::judge_response(http::ResponseHead& head, const backends::Server& server,
                                  const rules::expression::ServerLink& link) {
  return !lines_.is_on() || obey(lines_.judge_response(head, server, link));
}

// ---- the facts of the others

void RequestRules::gather_facts(const Frontend& frontend, const ClientFacts& client,
                                http::RequestHead& head) {
  facts_.authority = head.authority;
  facts_.host = http::compared_host(head.authority, head.arena);
  const std::string_view path = head.path();
  // The target of CONNECT and "*" are no paths that a text could name.
  facts_.path = path.starts_with('/') ? path : "/";
  facts_.compared_path = http::compared_path(path, head.arena);
  facts_.query = head.target.substr(path.size());
  facts_.method = head.method_text;
  facts_.scheme = client.secure ? "https" : "http";
  facts_.client_address = client.address;
  facts_.frontend = frontend.name;
  facts_.client_socket = client.source;
  facts_.alpn = client.alpn;
}

Result<void> RequestRules::prepare_request(const Frontend& frontend, const ClientFacts& client,
                                           std::string_view backend, http::RequestHead& head) {
  http::drop_hop_by_hop(head, received_fields_);
  if (frontend.set_forwarding_fields) add_forwarding_fields(client, head);
  const bool is_untouched =
      head.target.data() == normal_target_.data() && head.target.size() == normal_target_.size();
  if (frontend.sends_path_as_received && is_untouched) head.target = received_target_;
  facts_.backend = backend;
  for (const rules::Rule* rule : decision_.changes) {
    if (rule->rewrite) {
      if (const auto done = rewrite(*rule->rewrite, head); !done) return done;
    }
    rules::apply(rule->request_edits, facts_, head);
  }
  return {};
}

Result<void> RequestRules::rewrite(const rules::Rewrite& wanted, http::RequestHead& head) const {
  if (!wanted.host.empty()) {
    const std::string_view authority = wanted.host.render(facts_, head.arena);
    // The server of another host would answer for one that the rule took it from.
    if (!http::is_valid_authority(authority)) {
      return fail(Code::kBadRequest, Origin::kClient, "what a rule's rewrite makes of the host is no host");
    }
    head.authority = authority;
  }
  const bool touches_path =
      !wanted.path.empty() || !wanted.strip_prefix.empty() || !wanted.add_prefix.empty();
  if (!touches_path || !head.target.starts_with('/')) return {};
  std::string_view path = facts_.path;
  if (!wanted.path.empty()) path = wanted.path.render(facts_, head.arena);
  if (!wanted.strip_prefix.empty())
    path = http::without_path_prefix(path, wanted.strip_prefix).value_or(path);
  if (!wanted.add_prefix.empty())
    path = joined(wanted.add_prefix.render(facts_, head.arena), path, head.arena);
  head.target = joined(path, facts_.query, head.arena);
  return {};
}

void RequestRules::prepare_response(http::ResponseHead& head) {
  for (const rules::Rule* rule : decision_.changes) rules::apply(rule->response_edits, facts_, head);
  if (request_id_ != nullptr) return_request_id(*request_id_, facts_.request_id, head);
}

void RequestRules::prepare_request_trailers(std::span<http::Field> trailers) const {
  if (trailers.empty()) return;
  for (const rules::Rule* rule : decision_.changes) rules::drop_edited(rule->request_edits, trailers);
  if (request_id_ != nullptr) drop_request_id(*request_id_, trailers);
}

void RequestRules::prepare_beside_response(std::span<http::Field> fields) const {
  if (fields.empty()) return;
  for (const rules::Rule* rule : decision_.changes) rules::drop_edited(rule->response_edits, fields);
  if (request_id_ != nullptr && request_id_->respond) drop_request_id(*request_id_, fields);
}

std::string_view RequestRules::location(Arena& arena) const {
  // Where the request's arena has it; the response outlives no part of it.
  if (decision_.answer != nullptr) return decision_.location;
  return decision_.rule->redirect->location.render(facts_, arena);
}

StaticView RequestRules::reply_body(Arena& arena) const {
  if (decision_.answer != nullptr)
    return {decision_.answer->content_type, lines_.body(*decision_.answer, arena),
            decision_.answer->page != nullptr ? decision_.answer->page->status : 0};
  const auto& body = decision_.rule->reply->body;
  return body != nullptr ? StaticView{body->content_type, body->text, 0} : StaticView();
}

void RequestRules::add_reply_fields(http::ResponseHead& head) {
  if (decision_.answer != nullptr) {
    lines_.add_fields(*decision_.answer, head);
    return;
  }
  if (decision_.rule == nullptr || !decision_.rule->reply) return;
  rules::apply(decision_.rule->reply->fields, facts_, head);
}

}  // namespace reseal::proxy
