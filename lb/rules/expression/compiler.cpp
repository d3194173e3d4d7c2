#include "lb/rules/expression/compiler.h"

#include <algorithm>
#include <utility>

#include "lb/base/did_you_mean.h"
#include "lb/rules/expression/acl_parser.h"
#include "lb/rules/expression/expression_parser.h"
#include "lb/rules/expression/format_parser.h"

namespace reseal::rules::expression {
namespace {

std::unexpected<CompileError> error_at(std::size_t word, std::string message) {
  return std::unexpected(CompileError{std::move(message), word, 0});
}

bool is_or(std::string_view word) {
  return word == "or" || word == "||";
}

bool is_name_character(char c) {
  const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alnum || c == '-' || c == '_' || c == '.' || c == ':';
}

std::string wrong_with_name(const std::string& name) {
  if (is_or(name) || name == "if" || name == "unless")
    return "'" + name + "' joins conditions and is no name of an ACL";
  if (!name.empty() && std::ranges::all_of(name, is_name_character)) return "";
  return "'" + shortened(name) +
         "' is not a name of an ACL (accepted: letters, digits, '-', '_', '.' and ':')";
}

}  // namespace

Environment Compiler::environment() const {
  Environment environment = environment_;
  environment.acls = this;
  return environment;
}

Compiled<Expression> Compiler::expression(std::string_view text) const {
  const Environment environment = this->environment();
  std::size_t at = 0;
  auto expression = ExpressionParser(text, environment).parse(at);
  if (expression && at != text.size()) {
    return std::unexpected(CompileError{
        "'" + shortened(text.substr(at)) + "' behind the expression (accepted: ',' and a converter)", 0, at});
  }
  return expression;
}

Compiled<Format> Compiler::format(std::string_view text) const {
  const Environment environment = this->environment();
  return FormatParser(text, environment).parse();
}

Compiled<void> Compiler::declare_acl(std::span<const std::string> words) {
  if (words.empty()) return error_at(0, "no name of an ACL");
  if (const std::string wrong = wrong_with_name(words.front()); !wrong.empty()) return error_at(0, wrong);
  const Environment environment = this->environment();
  auto test = AclParser(words.subspan(1), environment).parse();
  if (!test) {
    CompileError error = test.error();
    if (words.size() > 1) ++error.word;
    return std::unexpected(error);
  }
  std::shared_ptr<Acl>& acl = acls_[words.front()];
  if (acl == nullptr) acl = std::make_shared<Acl>();
  acl->name = words.front();
  acl->tests.push_back(std::move(*test));
  return {};
}

Compiled<std::shared_ptr<const Acl>> Compiler::named_acl(std::string_view name) const {
  if (const auto found = acls_.find(name); found != acls_.end()) return found->second;
  const auto predefined = predefined_acl(name);
  if (!predefined.empty()) {
    const std::vector<std::string> words(predefined.begin(), predefined.end());
    const Environment environment = this->environment();
    auto test = AclParser(words, environment).parse();
    if (!test)
      return std::unexpected(CompileError{"'" + std::string(name) + "': " + test.error().message, 0, 0});
    auto acl = std::make_shared<Acl>();
    acl->name = name;
    acl->tests.push_back(std::move(*test));
    return acl;
  }
  std::vector<std::string> names = predefined_acl_names();
  for (const auto& [declared, acl] : acls_) names.push_back(declared);
  const bool is_and = name == "and" || name == "&&";
  const std::string hint = is_and ? "; conditions in a row must hold together without a word between them"
                                  : did_you_mean(name, names);
  return std::unexpected(CompileError{"no ACL '" + shortened(name) + "'" + hint, 0, 0});
}

Compiled<std::size_t> Compiler::term(std::span<const std::string> words, std::size_t at,
                                     Conjunction& into) const {
  Term term;
  std::string_view word = words[at];
  while (word.starts_with('!')) {
    term.negated = !term.negated;
    word.remove_prefix(1);
    if (word.empty() && ++at < words.size()) word = words[at];
  }
  if (word.empty() || is_or(word)) return error_at(std::min(at, words.size() - 1), "no ACL behind '!'");
  if (word != "{") {
    auto acl = named_acl(word);
    if (!acl) return error_at(at, acl.error().message);
    term.acl = std::move(*acl);
    into.push_back(std::move(term));
    return at + 1;
  }
  const auto behind = words.subspan(at + 1);
  const auto size = static_cast<std::size_t>(std::ranges::find(behind, "}") - behind.begin());
  if (size == behind.size()) return error_at(at, "a '{' without its '}' (both are words of their own)");
  const Environment environment = this->environment();
  auto test = AclParser(behind.first(size), environment).parse();
  if (!test) {
    CompileError error = test.error();
    error.word += at + 1;
    return std::unexpected(error);
  }
  auto acl = std::make_shared<Acl>();
  acl->tests.push_back(std::move(*test));
  term.acl = std::move(acl);
  into.push_back(std::move(term));
  return at + size + 2;
}

Compiled<Condition> Compiler::condition(std::span<const std::string> words) const {
  Condition condition;
  std::size_t at = 0;
  if (!words.empty() && (words.front() == "if" || words.front() == "unless")) {
    condition.unless_ = words.front() == "unless";
    ++at;
  }
  Conjunction all;
  while (at < words.size()) {
    if (is_or(words[at])) {
      if (all.empty()) return error_at(at, "no condition before '" + words[at] + "'");
      condition.any_of_.push_back(std::exchange(all, {}));
      ++at;
      continue;
    }
    const auto next = term(words, at, all);
    if (!next) return std::unexpected(next.error());
    at = *next;
  }
  if (all.empty())
    return error_at(words.empty() ? 0 : words.size() - 1,
                    words.empty() ? "no condition" : "no condition behind '" + words.back() + "'");
  condition.any_of_.push_back(std::move(all));
  return condition;
}

}  // namespace reseal::rules::expression
