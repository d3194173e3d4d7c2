#include "lb/rules/expression/log_format.h"

#include <memory>
#include <utility>

#include "lb/rules/expression/expression.h"
#include "lb/rules/expression/expression_parser.h"

namespace reseal::rules::expression {
namespace {

class EvaluatedExpression final : public stats::LogExpression {
 public:
  explicit EvaluatedExpression(Expression expression) : expression_(std::move(expression)) {}
  [[nodiscard]] std::optional<std::string_view> text(const stats::LogEvaluation& evaluation) const override {
    const auto& with = static_cast<const LogContext&>(evaluation);
    return expression_.text(with.context, with.arena);
  }

 private:
  Expression expression_;
};

class Reader final : public stats::LogExpressionReader {
 public:
  explicit Reader(const Environment& environment) : environment_(environment) {}
  std::expected<std::shared_ptr<const stats::LogExpression>, stats::HaproxyFormatError> read(
      std::string_view text, std::size_t& at) override {
    auto expression = ExpressionParser(text, environment_).parse(at);
    if (expression) return std::make_shared<const EvaluatedExpression>(std::move(*expression));
    return std::unexpected(
        stats::HaproxyFormatError{std::move(expression.error().message), expression.error().offset});
  }

 private:
  const Environment& environment_;
};

}  // namespace

std::expected<stats::HaproxyFormat, stats::HaproxyFormatError> compile_log_format(
    std::string_view text, const Environment& environment) {
  Reader reader(environment);
  return stats::HaproxyFormat::compile(text, &reader);
}

}  // namespace reseal::rules::expression
