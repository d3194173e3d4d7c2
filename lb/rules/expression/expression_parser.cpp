#include "lb/rules/expression/expression_parser.h"

#include <string>

#include "lb/base/did_you_mean.h"
#include "lb/rules/expression/argument_parser.h"
#include "lb/rules/expression/converter.h"
#include "lb/rules/expression/fetch.h"
#include "lb/rules/expression/not_yet.h"

namespace reseal::rules::expression {
namespace {

bool is_name_character(char c) {
  const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alnum || c == '.' || c == '_' || c == '-' || c == '+' || c == ':';
}

std::unexpected<CompileError> error_at(std::size_t offset, std::string message) {
  return std::unexpected(CompileError{std::move(message), 0, offset});
}

std::string unknown(std::string_view kind, std::string_view name, const std::vector<std::string>& names) {
  if (name.empty()) return "no name of a " + std::string(kind);
  if (name.starts_with("lua."))
    return "'" + shortened(name) +
           "': reseal runs no Lua; say by maps, converters and variables what the script does";
  if (is_not_yet(name)) return "reseal does not have '" + std::string(name) + "' yet";
  return "no " + std::string(kind) + " '" + shortened(name) + "'" + did_you_mean(name, names);
}

template <class Row>
Compiled<std::vector<Argument>> arguments_of(const Row& row, std::string_view text, std::string_view name,
                                             std::size_t& at, const Environment& environment) {
  const std::size_t begin = at;
  auto arguments = parse_arguments(text, at, name, row.signature, environment);
  if (!arguments) return arguments;
  if (row.prepare != nullptr) {
    if (auto done = row.prepare(*arguments, environment); !done) {
      return error_at(begin, "'" + std::string(name) + "': " + done.error());
    }
  }
  return arguments;
}

}  // namespace

std::string_view name_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_name_character(text[end])) ++end;
  return text.substr(at, end - at);
}

Compiled<Expression> ExpressionParser::parse(std::size_t& at) const {
  const std::string_view name = name_at(text_, at);
  const FetchRow* row = find_fetch(name);
  if (row == nullptr) return error_at(at, unknown("fetch", name, fetch_names()));
  at += name.size();
  return parse_from(*row, name, at);
}

Compiled<Expression> ExpressionParser::parse_from(const FetchRow& fetch, std::string_view name,
                                                  std::size_t& at) const {
  auto arguments = arguments_of(fetch, text_, name, at, environment_);
  if (!arguments) return std::unexpected(arguments.error());
  Expression expression;
  expression.fetch_ = fetch.fetch;
  expression.needs_ = fetch.needs;
  expression.arguments_ = std::move(*arguments);
  expression.type_ = fetch.out;
  while (at < text_.size() && text_[at] == ',') {
    if (auto added = add_converter(expression, ++at); !added) return std::unexpected(added.error());
  }
  return expression;
}

Compiled<void> ExpressionParser::add_converter(Expression& expression, std::size_t& at) const {
  const std::string_view name = name_at(text_, at);
  const ConverterRow* row = find_converter(name);
  if (row == nullptr) return error_at(at, unknown("converter", name, converter_names()));
  if (!is_convertible(expression.type_, row->in)) {
    return error_at(at, "'" + std::string(name) + "' takes a value of type " +
                            std::string(type_name(row->in)) + ", and the one before it is of type " +
                            std::string(type_name(expression.type_)));
  }
  if (expression.steps_.size() == Expression::kMostConverters) {
    return error_at(at, "more than " + std::to_string(Expression::kMostConverters) + " converters");
  }
  at += name.size();
  auto arguments = arguments_of(*row, text_, name, at, environment_);
  if (!arguments) return std::unexpected(arguments.error());
  expression.steps_.push_back({row, std::move(*arguments)});
  if (row->out != Type::kAny) expression.type_ = row->out;
  return {};
}

}  // namespace reseal::rules::expression
