#include "lb/proxy/router.h"

#include <algorithm>

namespace reseal::proxy {
namespace {

void note_changes(const rules::Rule& rule, Decision& decision) {
  if (rule.has_changes()) decision.changes.push_back(&rule);
  if (rule.max_body_bytes) decision.max_body_bytes = rule.max_body_bytes;
  if (rule.response_timeout) decision.response_timeout = rule.response_timeout;
  if (rule.idle_timeout) decision.idle_timeout = rule.idle_timeout;
}

/// False: the rule decides nothing.
bool is_decided(const rules::Rule& rule, Decision& decision) {
  using Outcome = Decision::Outcome;
  if (rule.backend) {
    decision.outcome = Outcome::kBackend;
    decision.backend = *rule.backend;
  } else if (rule.deny != 0) {
    decision.outcome = Outcome::kDeny;
  } else if (rule.redirect) {
    decision.outcome = Outcome::kRedirect;
  } else if (rule.reply) {
    decision.outcome = Outcome::kReply;
  } else {
    return false;
  }
  decision.rule = &rule;
  return true;
}

}  // namespace

void Decision::reset() {
  outcome = Outcome::kNoRoute;
  backend = 0;
  rule = nullptr;
  answer = nullptr;
  location = {};
  changes.clear();
  max_body_bytes.reset();
  response_timeout.reset();
  idle_timeout.reset();
}

int Decision::status() const {
  if (answer != nullptr) return answer->status;
  if (rule == nullptr) return 0;
  if (rule->redirect) return rule->redirect->status;
  return rule->reply ? rule->reply->status : rule->deny;
}

bool Router::has_expressions() const {
  return std::ranges::any_of(rules_, &rules::Rule::has_expressions);
}

void Router::decide(const http::RequestHead& head, const rules::RequestFacts& facts,
                    Decision& decision) const {
  bool allowed = false;
  const auto ends_walk = [&](const rules::Rule& rule) {
    if (rule.deny != 0 && allowed) return false;
    if (!rule.when.holds(head, facts)) return false;
    note_changes(rule, decision);
    allowed = allowed || rule.allow;
    return is_decided(rule, decision);
  };
  if (index_.is_empty()) {
    for (const rules::Rule& rule : rules_) {
      if (ends_walk(rule)) return;
    }
  } else {
    auto walk = index_.walk(facts.host);
    for (auto at = walk.next(); at != rules::HostIndex::kEnd; at = walk.next()) {
      if (ends_walk(rules_[at])) return;
    }
  }
  if (!default_) return;
  decision.outcome = Decision::Outcome::kBackend;
  decision.backend = *default_;
}

}  // namespace reseal::proxy
