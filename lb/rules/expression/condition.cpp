#include "lb/rules/expression/condition.h"

#include <algorithm>

namespace reseal::rules::expression {

bool AclTest::matches(Sample& sample, Arena& arena) const {
  if (files.empty()) return patterns.take(sample, arena).has_value();
  const auto is_in = [&](const auto& file) {
    Sample value = sample;
    return file->matches(value, arena);
  };
  return std::ranges::any_of(files, is_in) || patterns.take(sample, arena).has_value();
}

bool AclTest::holds(const SampleContext& context, Arena& arena) const {
  Cursor cursor;
  do {
    Sample sample;
    if (expression.next(context, arena, cursor, sample) && matches(sample, arena)) return true;
  } while (cursor.more);
  return false;
}

bool Acl::holds(const SampleContext& context, Arena& arena) const {
  return std::ranges::any_of(tests, [&](const AclTest& test) { return test.holds(context, arena); });
}

bool Condition::is_met(const SampleContext& context, Arena& arena) const {
  const auto term_holds = [&](const Term& term) { return term.acl->holds(context, arena) != term.negated; };
  const bool found = std::ranges::any_of(
      any_of_, [&](const Conjunction& all) { return std::ranges::all_of(all, term_holds); });
  return found != unless_;
}

std::uint8_t Condition::needs() const {
  std::uint8_t needs = kNeedsNothing;
  for (const Conjunction& all : any_of_) {
    for (const Term& term : all) {
      for (const AclTest& test : term.acl->tests) needs |= test.expression.needs();
    }
  }
  return needs;
}

}  // namespace reseal::rules::expression
