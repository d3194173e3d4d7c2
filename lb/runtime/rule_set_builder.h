// Turns rules in HAProxy's language from words into what is asked. One a generation, since variables have one set of names
// in it. Control thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lb/config/config_error.h"
#include "lb/config/model.h"
#include "lb/proxy/local_generation.h"
#include "lb/rules/actions/rule_set.h"
#include "lb/rules/expression/environment.h"
#include "lb/rules/expression/pattern_file.h"
#include "lb/rules/expression/process_variables.h"
#include "lb/runtime/proxy_states.h"
#include "lb/runtime/stick_tables.h"
#include "lb/runtime/user_lists.h"

namespace reseal::runtime {

class RuleSetBuilder {
 public:
  using Report = std::function<void(config::Severity, config::Place, const std::string&)>;
  using BackendIndex = std::function<std::optional<std::uint32_t>(const std::string&)>;

  /// `report` is told what is wrong, each at its word. `tables` and `users` are borrowed.
  RuleSetBuilder(BackendIndex backend_index, Report report, StickTables& tables, const UserLists& users,
                 std::shared_ptr<ProxyStates> proxies);
  ~RuleSetBuilder();

  /// What is compiled from now on belongs to the section of that name.
  void enter(const std::string& section) {
    tables_.enter(section);
    proxies_->enter(section);
  }
  /// Null if there are no rules. Of the section `name`.
  std::shared_ptr<const rules::actions::RuleSet> build(const std::string& name,
                                                       const config::RuleLines& lines, bool is_tcp);
  /// Null if there are none; they may name the ACLs of the backend.
  std::shared_ptr<const backends::StickRules> build_stick_rules(const config::Backend& backend);
  /// By what names its servers are asked (server_names.h); none for those that are wrong, which is told.
  std::vector<backends::ServerName> build_server_names(const config::Backend& backend);
  /// What everything of this generation is compiled with.
  [[nodiscard]] const rules::expression::Environment& environment() const { return environment_; }
  /// The variables of the process, by lines of `global`. Before all other rules, which may read them.
  void build_variables(const std::vector<config::RuleLine>& lines);
  /// After the last build().
  std::shared_ptr<rules::expression::ProcessVariables> finish_variables();
  /// After everything was compiled: files that rules change are made ready for it.
  std::shared_ptr<rules::expression::PatternFiles> finish_pattern_files();
  /// The names of variables so far: after the last build().
  [[nodiscard]] std::array<std::size_t, rules::expression::kScopes> variable_counts() const;
  [[nodiscard]] const rules::expression::VariableNames& variables() const { return variables_; }
  /// Connections that are open have variables by these names. Before anything is compiled.
  void keep_session_names(const std::vector<std::string>& names) {
    constexpr std::size_t kMost =
        rules::expression::VariableNames::kMostNames / 2;  // there must be room for new ones
    if (names.size() <= kMost) variables_.keep(rules::expression::Scope::kSession, names);
  }

 private:
  using Compiler = rules::expression::Compiler;
  class Files;

  [[nodiscard]] rules::expression::Compiled<void> build_variable(const config::RuleLine& line,
                                                                 const Compiler& compiler);
  void declare_acls(const std::vector<config::RuleLine>& lines, Compiler& compiler);
  void add(const std::vector<config::RuleLine>& lines, rules::actions::Ruleset ruleset,
           const Compiler& compiler, rules::actions::RuleList& list);
  void add_use_server(const config::RuleLine& line, const Compiler& compiler, rules::actions::RuleSet& set);
  void add_persist(const config::RuleLine& line, const Compiler& compiler, rules::actions::RuleSet& set);
  void add_rdp_cookie(const config::RuleLine& line, const rules::expression::Compiler& compiler,
                      rules::actions::RuleSet& set);
  void add_balance(const config::RuleLine& line, const Compiler& compiler, rules::actions::RuleSet& set);
  /// The words from the second on, if there are any. False: reported.
  bool compile_condition(const config::RuleLine& line, const Compiler& compiler,
                         rules::expression::Condition& condition);
  void add_use_backend(const config::RuleLine& line, const Compiler& compiler, rules::actions::RuleSet& set);
  void report(const config::RuleLine& line, const rules::expression::CompileError& error,
              std::size_t first_word);

  /// Nothing if something is wrong, which is told.
  std::optional<backends::StickRule> build_stick_rule(const config::RuleLine& line, const Compiler& compiler,
                                                      const config::Backend& backend);

  BackendIndex backend_index_;
  Report report_;
  rules::expression::VariableNames variables_;
  std::shared_ptr<rules::expression::ProcessVariables> process_variables_ =
      std::make_shared<rules::expression::ProcessVariables>();
  std::unique_ptr<Files> files_;
  std::shared_ptr<rules::expression::PatternFiles> pattern_files_;
  StickTables& tables_;
  std::shared_ptr<ProxyStates> proxies_;
  rules::expression::Environment environment_;
  std::uint8_t missing_ = 0;  ///< what there is nothing of in the mode of the section (expression::Needs)
};

}  // namespace reseal::runtime
