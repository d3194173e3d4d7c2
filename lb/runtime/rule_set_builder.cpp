#include "lb/runtime/rule_set_builder.h"

#include <array>
#include <cstdlib>

#include "lb/base/did_you_mean.h"
#include "lb/base/file.h"
#include "lb/base/host_name.h"
#include "lb/rules/expression/compiler.h"

namespace reseal::runtime {

using rules::actions::RuleSet;
using rules::expression::CompileError;

/// Patterns and maps: large ones have a million lines.
class RuleSetBuilder::Files final : public rules::expression::FileReader {
 public:
  std::expected<std::string, std::string> read(const std::string& path) override {
    constexpr std::size_t kMost = std::size_t{256} * 1024 * 1024;
    auto text = read_at_most(path, kMost);
    if (!text) return std::unexpected(text.error());
    return std::move(*text);
  }
};

RuleSetBuilder::RuleSetBuilder(BackendIndex backend_index, Report report, StickTables& tables,
                               const UserLists& users, std::shared_ptr<ProxyStates> proxies)
    : backend_index_(std::move(backend_index)),
      report_(std::move(report)),
      files_(std::make_unique<Files>()),
      pattern_files_(std::make_shared<rules::expression::PatternFiles>()),
      tables_(tables),
      proxies_(std::move(proxies)) {
  environment_.hostname = host_name();
  environment_.variables = &variables_;
  environment_.files = files_.get();
  environment_.pattern_files = pattern_files_.get();
  environment_.tables = &tables_;
  environment_.users = &users;
  environment_.proxies = proxies_;
  environment_.environment_variable = [](const char* name) -> const char* { return std::getenv(name); };
}

RuleSetBuilder::~RuleSetBuilder() = default;

void RuleSetBuilder::build_variables(const std::vector<config::RuleLine>& lines) {
  const Compiler compiler(environment_);
  process_variables_->store.begin(0, process_variables_->arena);
  for (const config::RuleLine& line : lines) {
    if (const auto built = build_variable(line, compiler); !built) report(line, built.error(), 0);
  }
}

rules::expression::Compiled<void> RuleSetBuilder::build_variable(const config::RuleLine& line,
                                                                 const Compiler& compiler) {
  using namespace rules::expression;
  const auto id = variables_.id_of(line.words[1]);
  if (!id) return std::unexpected(CompileError{id.error(), 1, 0});
  if (id->scope != Scope::kProcess)
    return std::unexpected(CompileError{"only variables of the process (proc.NAME) can be set here", 1, 0});
  Arena& arena = process_variables_->arena;
  VariableStore& store = process_variables_->store;
  store.grow(variables_.count(Scope::kProcess));
  SampleContext context;
  context.variables[static_cast<std::size_t>(Scope::kProcess)] = &store;
  if (line.words.front() == "set-var-fmt") {
    constexpr std::size_t kWords = 3;
    if (line.words.size() > kWords) {
      return std::unexpected(CompileError{
          "'" + shortened(line.words[kWords]) + "' stands behind the format, which is one word: quote it",
          kWords, 0});
    }
    const auto format = compiler.format(line.words[2]);
    if (!format) return std::unexpected(CompileError{format.error().message, 2, 0});
    store.set(id->index, Sample::string(format->render(context, arena, Format::Use::kText)));
    return {};
  }
  std::string text;
  for (std::size_t i = 2; i < line.words.size(); ++i) text += line.words[i];
  const auto expression = compiler.expression(text);
  if (!expression) return std::unexpected(CompileError{expression.error().message, 2, 0});
  const auto value = expression->evaluate(context, arena);
  if (!value)
    return std::unexpected(CompileError{"'" + text + "' has no value when the process starts", 2, 0});
  store.set(id->index, *value);
  return {};
}

std::shared_ptr<rules::expression::ProcessVariables> RuleSetBuilder::finish_variables() {
  process_variables_->store.grow(variables_.count(rules::expression::Scope::kProcess));
  return process_variables_;
}

std::shared_ptr<rules::expression::PatternFiles> RuleSetBuilder::finish_pattern_files() {
  std::vector<std::string> read;
  for (const auto& [path, file] : pattern_files_->all()) {
    if (file->is_loaded()) read.push_back(path);
  }
  const auto tell = [&](const std::string& text) { report_(config::Severity::kNotice, {}, text); };
  for (const auto& [path, file] : pattern_files_->all()) {
    if (!file->expects_changes()) continue;
    if (!file->is_loaded()) {
      tell("rules change '" + shortened(path) + "', which no map and no ACL reads: they have no effect" +
           did_you_mean(path, read));
      continue;
    }
    if (file->has_regexes()) {
      tell("rules change '" + shortened(path) +
           "', which is read with -m reg: what they put in is compiled as a regular expression, and each "
           "lookup tries "
           "one after the other");
    }
    file->make_changeable();
  }
  return pattern_files_;
}

std::array<std::size_t, rules::expression::kScopes> RuleSetBuilder::variable_counts() const {
  std::array<std::size_t, rules::expression::kScopes> counts{};
  for (std::size_t i = 0; i < counts.size(); ++i)
    counts[i] = variables_.count(static_cast<rules::expression::Scope>(i));
  return counts;
}

void RuleSetBuilder::report(const config::RuleLine& line, const CompileError& error, std::size_t first_word) {
  if (line.places.empty()) {
    report_(config::Severity::kError, {}, error.message);
    return;
  }
  const std::size_t word = std::min(first_word + error.word, line.places.size() - 1);
  config::Place place = line.places[word];
  place.column += static_cast<int>(error.offset);
  report_(config::Severity::kError, place, error.message);
}

void RuleSetBuilder::declare_acls(const std::vector<config::RuleLine>& lines, Compiler& compiler) {
  for (const config::RuleLine& line : lines) {
    if (const auto declared = compiler.declare_acl(line.words); !declared) report(line, declared.error(), 0);
  }
}

void RuleSetBuilder::add(const std::vector<config::RuleLine>& lines, rules::actions::Ruleset ruleset,
                         const Compiler& compiler, rules::actions::RuleList& list) {
  for (const config::RuleLine& line : lines) {
    const auto added = list.add(ruleset, compiler, environment_, line.words, missing_);
    if (!added) {
      report(line, added.error(), 0);
    } else if (!*added) {
      report_(config::Severity::kWarning, line.places.empty() ? config::Place() : line.places.front(),
              "a part of the condition never holds: it looks at what is not there, or not any more, where "
              "this rule is asked");
    }
  }
}

void RuleSetBuilder::add_use_backend(const config::RuleLine& line, const Compiler& compiler, RuleSet& set) {
  rules::actions::UseBackend rule;
  const std::string& name = line.words.front();
  rule.backend = backend_index_(name);
  if (!rule.backend) {
    auto format = compiler.format(name);
    if (!format) {
      report(line, format.error(), 0);
      return;
    }
    if (format->is_literal()) {
      report_(config::Severity::kError, line.places.front(), "there is no backend '" + name + "'");
      return;
    }
    rule.name = std::move(*format);
  }
  if (compile_condition(line, compiler, rule.condition)) set.use_backend.push_back(std::move(rule));
}

bool RuleSetBuilder::compile_condition(const config::RuleLine& line, const Compiler& compiler,
                                       rules::expression::Condition& to) {
  if (line.words.size() < 2) return true;
  auto condition = compiler.condition(std::span(line.words).subspan(1));
  if (condition) {
    to = std::move(*condition);
  } else {
    report(line, condition.error(), 1);
  }
  return condition.has_value();
}

void RuleSetBuilder::add_use_server(const config::RuleLine& line, const Compiler& compiler, RuleSet& set) {
  rules::actions::UseServer rule;
  auto name = compiler.format(line.words.front());
  if (!name) {
    report(line, name.error(), 0);
    return;
  }
  rule.name = std::move(*name);
  if (compile_condition(line, compiler, rule.condition)) set.use_server.push_back(std::move(rule));
}

void RuleSetBuilder::add_persist(const config::RuleLine& line, const Compiler& compiler, RuleSet& set) {
  if (line.words.front() == "persist") {
    add_rdp_cookie(line, compiler, set);
    return;
  }
  rules::actions::PersistRule rule;
  rule.forces = line.words.front() == "force-persist";
  if (compile_condition(line, compiler, rule.condition)) set.persist.push_back(std::move(rule));
}

/// `persist rdp-cookie(NAME)`
void RuleSetBuilder::add_rdp_cookie(const config::RuleLine& line, const Compiler& compiler, RuleSet& set) {
  constexpr std::string_view kMethod = "rdp-cookie(";
  const std::string& method = line.words.back();
  if (line.words.size() != 2 || !method.starts_with(kMethod)) {
    report(line, {"'persist' takes rdp-cookie(NAME)", line.words.size() - 1, 0}, 0);
    return;
  }
  auto expression = compiler.expression("req.rdp_cookie(" + method.substr(kMethod.size()));
  if (expression) {
    set.rdp_cookie = std::move(*expression);
  } else {
    report(line, expression.error(), 1);
  }
}

void RuleSetBuilder::add_balance(const config::RuleLine& line, const Compiler& compiler, RuleSet& set) {
  auto expression = compiler.expression(line.words.front());
  if (expression) {
    set.balance_hash = std::move(*expression);
  } else {
    report(line, expression.error(), 0);
  }
}

std::shared_ptr<const RuleSet> RuleSetBuilder::build(const std::string& name, const config::RuleLines& lines,
                                                     bool is_tcp) {
  if (lines == config::RuleLines()) return nullptr;
  enter(name);
  missing_ = is_tcp ? rules::expression::kNeedsNothing : rules::expression::kNeedsBytes;
  using rules::actions::Ruleset;
  Compiler compiler(environment_);
  declare_acls(lines.acls, compiler);
  auto set = std::make_shared<RuleSet>();
  set->buffers_body = lines.buffers_body;
  add(lines.tcp_connection, Ruleset::kTcpConnection, compiler, set->tcp_connection);
  add(lines.tcp_session, Ruleset::kTcpSession, compiler, set->tcp_session);
  add(lines.tcp_content, Ruleset::kTcpContent, compiler, set->tcp_content);
  add(lines.http_request, Ruleset::kHttpRequest, compiler, set->http_request);
  add(lines.redirect, Ruleset::kHttpRequest, compiler, set->redirect);
  for (const config::RuleLine& line : lines.handover) {
    const bool tells_server = line.words.front() == "add-forwarded";
    add({line}, Ruleset::kHandover, compiler, tells_server ? set->handover : set->last_checks);
  }
  add(lines.tcp_response, Ruleset::kTcpResponse, compiler, set->tcp_response);
  add(lines.http_response, Ruleset::kHttpResponse, compiler, set->http_response);
  add(lines.http_after_response, Ruleset::kHttpAfterResponse, compiler, set->http_after_response);
  for (const config::RuleLine& line : lines.use_backend) add_use_backend(line, compiler, *set);
  for (const config::RuleLine& line : lines.use_server) add_use_server(line, compiler, *set);
  for (const config::RuleLine& line : lines.persist) add_persist(line, compiler, *set);
  for (const config::RuleLine& line : lines.balance_hash) add_balance(line, compiler, *set);
  return set;
}

}  // namespace reseal::runtime
