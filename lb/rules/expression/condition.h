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

/// What a condition says that may wait for more bytes of a client (inspection.h). In this order the lesser of two is what both
/// together say, and the greater one what one or the other does.
enum class Truth : std::uint8_t { kNo, kNotYet, kYes };
Truth opposite(Truth truth);

/// One line of an ACL: holds if one of the expression's values matches one of the patterns, of the line or of a file.
struct AclTest {
  Expression expression;
  PatternSet patterns;
  std::vector<std::shared_ptr<const PatternView>> files;

  [[nodiscard]] bool holds(const SampleContext& context, Arena& arena) const;
  [[nodiscard]] Truth look(const SampleContext& context, Arena& arena) const;

 private:
  [[nodiscard]] bool matches(Sample& sample, Arena& arena) const;
};

/// Holds if one of its lines does.
struct Acl {
  std::vector<AclTest> tests;
  std::string name;  ///< empty: written where it is used

  [[nodiscard]] bool holds(const SampleContext& context, Arena& arena) const;
  [[nodiscard]] Truth look(const SampleContext& context, Arena& arena) const;
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
  /// The same where more bytes may come: kNotYet if they may say otherwise. `context` has an inspection.
  [[nodiscard]] Truth look(const SampleContext& context, Arena& arena) const;
  /// What must be there for every part of it to have a value (Needs).
  [[nodiscard]] std::uint8_t needs() const;

 private:
  friend class Compiler;
  [[nodiscard]] bool is_met(const SampleContext& context, Arena& arena) const;

  std::vector<Conjunction> any_of_;
  bool unless_ = false;
};

}  // namespace reseal::rules::expression
