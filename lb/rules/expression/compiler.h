// From the words of a configuration to expressions, conditions and formats. Control thread; one Compiler for each proxy
// section, whose ACLs it knows. What it makes outlives it, and is immutable once no more ACLs are declared.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "lb/rules/expression/compile_error.h"
#include "lb/rules/expression/condition.h"
#include "lb/rules/expression/environment.h"
#include "lb/rules/expression/expression.h"
#include "lb/rules/expression/format.h"

namespace reseal::rules::expression {

class Compiler {
 public:
  explicit Compiler(const Environment& environment) : environment_(environment) {}

  /// "req.hdr(host),lower"
  Compiled<Expression> expression(std::string_view text) const;
  /// "https://%[req.hdr(host)]%[path]"
  Compiled<Format> format(std::string_view text) const;

  /// The words behind `acl`: a name, a criterion, flags and patterns. A second one of that name is one more way to hold,
  /// also for the conditions that are compiled already.
  Compiled<void> declare_acl(std::span<const std::string> words);
  /// The words from `if` or `unless` on; without either of them, as if `if` stood in front.
  Compiled<Condition> condition(std::span<const std::string> words) const;
  /// That of a name which was declared, or which HAProxy has.
  Compiled<std::shared_ptr<const Acl>> named_acl(std::string_view name) const;

 private:
  /// With the ACLs that are known here.
  [[nodiscard]] Environment environment() const;
  Compiled<std::size_t> term(std::span<const std::string> words, std::size_t at, Conjunction& into) const;

  const Environment& environment_;
  std::map<std::string, std::shared_ptr<Acl>, std::less<>> acls_;
};

}  // namespace reseal::rules::expression
