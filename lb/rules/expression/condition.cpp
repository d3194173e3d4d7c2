#include "lb/rules/expression/condition.h"

#include <algorithm>

#include "lb/rules/expression/inspection.h"

namespace reseal::rules::expression {

Truth opposite(Truth truth) {
  return static_cast<Truth>(static_cast<int>(Truth::kYes) - static_cast<int>(truth));
}

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

Truth AclTest::look(const SampleContext& context, Arena& arena) const {
  (void)context.inspection->take_unsettled();
  if (holds(context, arena)) return Truth::kYes;
  return context.inspection->take_unsettled() ? Truth::kNotYet : Truth::kNo;
}

Truth Acl::look(const SampleContext& context, Arena& arena) const {
  Truth found = Truth::kNo;
  for (const AclTest& test : tests) {
    found = std::max(found, test.look(context, arena));
    if (found == Truth::kYes) break;
  }
  return found;
}

bool Condition::is_met(const SampleContext& context, Arena& arena) const {
  const auto term_holds = [&](const Term& term) { return term.acl->holds(context, arena) != term.negated; };
  const bool found = std::ranges::any_of(
      any_of_, [&](const Conjunction& all) { return std::ranges::all_of(all, term_holds); });
  return found != unless_;
}

Truth Condition::look(const SampleContext& context, Arena& arena) const {
  if (any_of_.empty()) return Truth::kYes;
  Truth found = Truth::kNo;
  for (const Conjunction& all : any_of_) {
    Truth together = Truth::kYes;
    for (const Term& term : all) {
      const Truth truth = term.acl->look(context, arena);
      together = std::min(together, term.negated ? opposite(truth) : truth);
      if (together == Truth::kNo) break;
    }
    found = std::max(found, together);
    if (found == Truth::kYes) break;
  }
  return unless_ ? opposite(found) : found;
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
