// Conditions: named tests (ACLs) joined by and, or and not. Compiled once; immutable; any thread; allocates nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lb/base/arena.h"
#include "lb/rules/expression/expression.h"
#include "lb/rules/expression/pattern_set.h"
#include "lb/rules/expression/pattern_view.h"
#include "lb/rules/expression/sample_context.h"

namespace reseal::rules::expression {

/// One line of an ACL: holds if one of the expression's values matches one of the patterns, of the line or of a file.
struct AclTest {
  Expression expression;
  PatternSet patterns;
  std::vector<std::shared_ptr<const PatternView>> files;

  [[nodiscard]] bool holds(const SampleContext& context, Arena& arena) const;

 private:
  [[nodiscard]] bool matches(Sample& sample, Arena& arena) const;
};

/// Holds if one of its lines does.
struct Acl {
  std::string name;  ///< empty: written where it is used
  std::vector<AclTest> tests;

  [[nodiscard]] bool holds(const SampleContext& context, Arena& arena) const;
};

struct Term {
  std::shared_ptr<const Acl> acl;
  bool negated = false;
};
using Conjunction = std::vector<Term>;

class Condition {
 public:
  /// One that always holds.
  Condition() = default;

  [[nodiscard]] bool holds(const SampleContext& context, Arena& arena) const {
    return any_of_.empty() || is_met(context, arena);
  }
  /// What must be there for every part of it to have a value (Needs).
  [[nodiscard]] std::uint8_t needs() const;

 private:
  friend class Compiler;
  [[nodiscard]] bool is_met(const SampleContext& context, Arena& arena) const;

  std::vector<Conjunction> any_of_;
  bool unless_ = false;
};

}  // namespace reseal::rules::expression
