#include "lb/rules/actions/rule_list.h"

#include "lb/base/did_you_mean.h"
#include "lb/rules/expression/inspection.h"

namespace reseal::rules::actions {

namespace {

/// What there is nothing of while these rules are asked.
std::uint8_t missing_in(Ruleset ruleset) {
  using namespace expression;
  switch (ruleset) {
    case kTcpConnection:
    case kTcpSession:
      return kNeedsRequest | kNeedsRequestHead | kNeedsResponse;
    case kHttpRequest:
    case kHandover:
      return kNeedsResponse;
    case kHttpResponse:
    case kTcpResponse:
    case kHttpAfterResponse:
      return kNeedsRequestHead;
    default:
      return kNeedsNothing;
  }
}

}  // namespace

Compiled<bool> RuleList::add(Ruleset ruleset, const expression::Compiler& compiler,
                             const expression::Environment& environment, std::span<const std::string> words,
                             std::uint8_t missing_besides) {
  if (words.empty()) return std::unexpected(CompileError{"no action", 0, 0});
  const ActionRow* row = find_action(words.front(), ruleset);
  if (row == nullptr) {
    return std::unexpected(CompileError{"the action '" + shortened(words.front()) + "' is not there yet" +
                                            did_you_mean(words.front(), action_names(ruleset)),
                                        0, 0});
  }
  ActionWords reader(compiler, environment, words);
  auto action = row->read(reader);
  if (!action) return std::unexpected(action.error());
  if (!reader.at_end()) return reader.unexpected_word("'if' or 'unless' and a condition");
  Rule rule;
  rule.action = std::move(*action);
  const std::size_t at = reader.position();
  if (at < words.size()) {
    auto condition = compiler.condition(words.subspan(at));
    if (!condition) {
      CompileError error = condition.error();
      error.word += at;
      return std::unexpected(std::move(error));
    }
    rule.condition = std::move(*condition);
  }
  const std::uint8_t missing = missing_in(ruleset);
  if ((rule.action->needs() & missing) != 0) {
    return std::unexpected(CompileError{
        "'" + shortened(words.front()) + "' takes a value of the " +
            (missing == expression::kNeedsRequestHead ? "request, which is over"
                                                      : "request or the response, which is not there yet") +
            " where this rule is asked; a variable can keep it (set-var(txn.NAME))",
        0, 0});
  }
  const bool may_hold = (rule.condition.needs() & (missing | missing_besides)) == 0;
  rules_.push_back(std::move(rule));
  return may_hold;
}

Verdict RuleList::run(Run& run, std::optional<std::size_t> waited_for) const {
  for (std::size_t i = waited_for.value_or(0); i < rules_.size(); ++i) {
    if (i != waited_for && !rules_[i].condition.holds(run.context, run.arena)) continue;
    Verdict verdict = rules_[i].action->run(run);
    if (verdict.kind == Verdict::Kind::kContinue) continue;
    verdict.rule = i;
    return verdict;
  }
  return {};
}

Verdict RuleList::inspect(Run& run) const {
  // What a round computes goes with it: there may be many before the connection's arena is cleared.
  Arena scratch(run.arena.pool());
  Run round{run.context, scratch, run.request, run.response, run.overrides};
  (void)run.context.inspection->take_enough();
  Verdict verdict = inspect_round(round);
  verdict.body.at_least = run.context.inspection->take_enough();
  verdict.location = run.arena.copy(verdict.location);
  return verdict;
}

Verdict RuleList::inspect_round(Run& run) const {
  constexpr Verdict kWait{Verdict::Kind::kWait};
  expression::Inspection& inspection = *run.context.inspection;
  for (const Rule& rule : rules_) {
    const expression::Truth truth = rule.condition.look(run.context, run.arena);
    if (truth == expression::Truth::kNotYet) return kWait;
    if (truth == expression::Truth::kNo) continue;
    (void)inspection.take_unsettled();
    const Verdict verdict = rule.action->run(run);
    if (rule.action->waits_for_value() && inspection.take_unsettled()) return kWait;
    if (verdict.kind != Verdict::Kind::kContinue) return verdict;
  }
  return {};
}

}  // namespace reseal::rules::actions
