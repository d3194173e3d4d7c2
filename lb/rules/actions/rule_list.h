// Rules in order, each an action with its condition: the body of `http-request` and its kin. Compiled once; immutable; any
// thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lb/rules/actions/action_table.h"
#include "lb/rules/expression/condition.h"

namespace reseal::rules::actions {

class RuleList {
 public:
  [[nodiscard]] bool empty() const { return rules_.empty(); }
  /// The words of a rule behind "http-request": action, arguments and condition. A value that there never is where the rule is
  /// asked is an error, as it is in HAProxy; false: the condition looks at one, or at what there is nothing of besides (`missing`,
  /// expression::Needs), and may never hold for that.
  Compiled<bool> add(Ruleset ruleset, const expression::Compiler& compiler,
                     const expression::Environment& environment, std::span<const std::string> words,
                     std::uint8_t missing = expression::kNeedsNothing);
  /// Asks the rules in order until one decides. `waited_for`: not from the first one on but from the one that has waited, whose
  /// condition holds.
  Verdict run(Run& run, std::optional<std::size_t> waited_for = std::nullopt) const;
  /// The same for bytes of mode tcp, of which more may come: from the first rule on each time. Says kWait at a rule whose condition,
  /// or the value that it takes, may be another one then.
  Verdict inspect(Run& run) const;

 private:
  Verdict inspect_round(Run& run) const;

  struct Rule {
    expression::Condition condition;
    std::unique_ptr<const Action> action;
  };
  std::vector<Rule> rules_;
};

}  // namespace reseal::rules::actions
