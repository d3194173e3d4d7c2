#include "lb/rules/expression/argument_text.h"

namespace reseal::rules::expression {

std::optional<std::string_view> argument_text(const Call& call, std::size_t index) {
  const Argument& argument = call.argument(index);
  if (!argument.variable) return argument.text;
  const VariableStore* store = call.context.variables[static_cast<std::size_t>(argument.variable->scope)];
  const Sample* value = store == nullptr ? nullptr : store->find(argument.variable->index);
  if (value == nullptr) return std::nullopt;
  Sample text = *value;
  if (!convert(text, Type::kString, call.arena)) return std::nullopt;
  return text.text;
}

}  // namespace reseal::rules::expression
