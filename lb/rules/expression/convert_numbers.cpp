// Converters of integers and booleans. What would overflow stays at the end of the range.
#include <limits>

#include "lb/rules/expression/converter.h"

namespace reseal::rules::expression {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::int64_t sum(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_add_overflow(a, b, &result)) return a < 0 ? kLeast : kMost;
  return result;
}
std::int64_t difference(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_sub_overflow(a, b, &result)) return a < 0 ? kLeast : kMost;
  return result;
}
std::int64_t product(std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) return (a < 0) != (b < 0) ? kLeast : kMost;
  return result;
}
std::int64_t quotient(std::int64_t a, std::int64_t b) {
  if (b == 0 || (a == kLeast && b == -1)) return kMost;
  return a / b;
}
std::int64_t remainder(std::int64_t a, std::int64_t b) {
  return b == 0 || b == -1 ? 0 : a % b;
}
std::int64_t bits_and(std::int64_t a, std::int64_t b) {
  return a & b;
}
std::int64_t bits_or(std::int64_t a, std::int64_t b) {
  return a | b;
}
std::int64_t bits_xor(std::int64_t a, std::int64_t b) {
  return a ^ b;
}

/// The argument: a number, or that of a variable.
std::optional<std::int64_t> operand(const Call& call) {
  const Argument& argument = call.argument(0);
  if (!argument.variable) return argument.integer;
  const VariableStore* store = call.context.variables[static_cast<std::size_t>(argument.variable->scope)];
  const Sample* value = store == nullptr ? nullptr : store->find(argument.variable->index);
  if (value == nullptr) return std::nullopt;
  Sample number = *value;
  if (!convert(number, Type::kInteger, call.arena)) return std::nullopt;
  return number.integer;
}

template <std::int64_t (*kOperation)(std::int64_t, std::int64_t)>
bool apply_binary(const Call& call, Sample& sample) {
  const auto other = operand(call);
  if (other) sample = Sample::number(kOperation(sample.integer, *other));
  return other.has_value();
}

bool apply_neg(const Call&, Sample& sample) {
  sample = Sample::number(difference(0, sample.integer));
  return true;
}
bool apply_cpl(const Call&, Sample& sample) {
  sample = Sample::number(~sample.integer);
  return true;
}
bool apply_bool(const Call&, Sample& sample) {
  sample = Sample::boolean(sample.integer != 0);
  return true;
}
bool apply_not(const Call&, Sample& sample) {
  sample = Sample::boolean(sample.integer == 0);
  return true;
}
bool apply_odd(const Call&, Sample& sample) {
  sample = Sample::boolean((sample.integer & 1) != 0);
  return true;
}
bool apply_even(const Call&, Sample& sample) {
  sample = Sample::boolean((sample.integer & 1) == 0);
  return true;
}
bool apply_iif(const Call& call, Sample& sample) {
  sample = Sample::string(call.argument(sample.integer != 0 ? 0 : 1).text);
  return true;
}

constexpr ConverterRow kRows[] = {
    {"add", "n", Type::kInteger, Type::kInteger, apply_binary<sum>},
    {"and", "n", Type::kInteger, Type::kInteger, apply_binary<bits_and>},
    {"bool", "", Type::kInteger, Type::kBool, apply_bool},
    {"cpl", "", Type::kInteger, Type::kInteger, apply_cpl},
    {"div", "n", Type::kInteger, Type::kInteger, apply_binary<quotient>},
    {"even", "", Type::kInteger, Type::kBool, apply_even},
    {"iif", "ss", Type::kBool, Type::kString, apply_iif},
    {"mod", "n", Type::kInteger, Type::kInteger, apply_binary<remainder>},
    {"mul", "n", Type::kInteger, Type::kInteger, apply_binary<product>},
    {"neg", "", Type::kInteger, Type::kInteger, apply_neg},
    {"not", "", Type::kInteger, Type::kBool, apply_not},
    {"odd", "", Type::kInteger, Type::kBool, apply_odd},
    {"or", "n", Type::kInteger, Type::kInteger, apply_binary<bits_or>},
    {"sub", "n", Type::kInteger, Type::kInteger, apply_binary<difference>},
    {"xor", "n", Type::kInteger, Type::kInteger, apply_binary<bits_xor>},
};

}  // namespace

std::span<const ConverterRow> number_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
