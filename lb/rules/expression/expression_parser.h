// Reads one expression from a text. Control thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "lb/rules/expression/compile_error.h"
#include "lb/rules/expression/environment.h"
#include "lb/rules/expression/expression.h"

namespace reseal::rules::expression {

struct FetchRow;

class ExpressionParser {
 public:
  ExpressionParser(std::string_view text, const Environment& environment)
      : text_(text), environment_(environment) {}

  /// The expression that begins at `at`, which is moved behind it.
  Compiled<Expression> parse(std::size_t& at) const;
  /// The converters that follow at `at`, onto an expression whose fetch is known by another name (an ACL's).
  Compiled<Expression> parse_from(const FetchRow& fetch, std::string_view name, std::size_t& at) const;

 private:
  Compiled<void> add_converter(Expression& expression, std::size_t& at) const;

  std::string_view text_;
  const Environment& environment_;
};

/// The name that begins at `at`: letters, digits and "._-+:".
std::string_view name_at(std::string_view text, std::size_t at);

}  // namespace reseal::rules::expression
