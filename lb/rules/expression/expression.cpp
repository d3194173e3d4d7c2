#include "lb/rules/expression/expression.h"

#include "lb/rules/expression/converter.h"
#include "lb/rules/expression/fetch.h"

namespace reseal::rules::expression {

bool Expression::fill(const SampleContext& context, Arena& arena, Cursor* cursor, Sample& sample) const {
  return is_there(context) && fetch_({context, arena, arguments_, cursor}, sample) &&
         convert_all(context, arena, sample);
}

std::optional<Sample> Expression::evaluate(const SampleContext& context, Arena& arena) const {
  Sample sample;
  if (!fill(context, arena, nullptr, sample)) return std::nullopt;
  return sample;
}

std::optional<std::string_view> Expression::text(const SampleContext& context, Arena& arena) const {
  Sample sample;
  if (!fill(context, arena, nullptr, sample) || !convert(sample, Type::kString, arena)) return std::nullopt;
  return sample.text;
}

bool Expression::next(const SampleContext& context, Arena& arena, Cursor& cursor, Sample& sample) const {
  cursor.more = false;
  return fill(context, arena, &cursor, sample);
}

bool Expression::convert_all(const SampleContext& context, Arena& arena, Sample& sample) const {
  for (const Step& step : steps_) {
    if (!convert(sample, step.row->in, arena)) return false;
    if (!step.row->apply({context, arena, step.arguments, nullptr}, sample)) return false;
  }
  return true;
}

bool Expression::is_there(const SampleContext& context) const {
  return !context.request_is_over || (needs_ & kNeedsRequestHead) == 0;
}

std::uint8_t Expression::needs() const {
  return needs_;
}

}  // namespace reseal::rules::expression
