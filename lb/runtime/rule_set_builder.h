// Turns rules in HAProxy's language from words into what is asked. One a generation, since variables have one set of names
// in it. Control thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "lb/config/model.h"
#include "lb/proxy/local_generation.h"
#include "lb/rules/actions/rule_set.h"
#include "lb/rules/expression/environment.h"

namespace reseal::runtime {

class RuleSetBuilder {
 public:
  using Report = std::function<void(config::Place, const std::string&)>;
  using BackendIndex = std::function<std::optional<std::uint32_t>(const std::string&)>;

  /// `report` is told what is wrong, each error at its word.
  RuleSetBuilder(BackendIndex backend_index, Report report);
  ~RuleSetBuilder();

  /// Null if there are no rules.
  std::shared_ptr<const rules::actions::RuleSet> build(const config::RuleLines& lines);
  /// What everything of this generation is compiled with.
  [[nodiscard]] const rules::expression::Environment& environment() const { return environment_; }
  /// The names of variables so far: after the last build().
  [[nodiscard]] std::array<std::size_t, rules::expression::kScopes> variable_counts() const;

 private:
  using Compiler = rules::expression::Compiler;
  class Files;

  void declare_acls(const std::vector<config::RuleLine>& lines, Compiler& compiler);
  void add(const std::vector<config::RuleLine>& lines, rules::actions::Ruleset ruleset,
           const Compiler& compiler, rules::actions::RuleList& list);
  void add_use_backend(const config::RuleLine& line, const Compiler& compiler, rules::actions::RuleSet& set);
  void report(const config::RuleLine& line, const rules::expression::CompileError& error,
              std::size_t first_word);

  BackendIndex backend_index_;
  Report report_;
  rules::expression::VariableNames variables_;
  std::unique_ptr<Files> files_;
  rules::expression::Environment environment_;
};

}  // namespace reseal::runtime
