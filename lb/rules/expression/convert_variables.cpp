// Converters that read or set variables.
#include <algorithm>
#include <cstring>

#include "lb/rules/expression/converter.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;

VariableStore* store_of(const Call& call, const Argument& argument) {
  return argument.variable ? call.context.variables[static_cast<std::size_t>(argument.variable->scope)]
                           : nullptr;
}

/// The variable's value as text; nothing if it is not set.
std::optional<std::string_view> text_of(const Call& call, const Argument& argument) {
  const VariableStore* store = store_of(call, argument);
  const Sample* value = store == nullptr ? nullptr : store->find(argument.variable->index);
  if (value == nullptr) return std::nullopt;
  Sample text = *value;
  if (!convert(text, Type::kString, call.arena)) return std::nullopt;
  return text.text;
}

/// The pieces in a row, cut at the bound.
bool join(const Call& call, Sample& sample, std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  size = std::min(size, Sample::kMostText);
  char* out = call.arena.allocate(size);
  std::size_t at = 0;
  for (const std::string_view piece : pieces) {
    const std::size_t part = std::min(piece.size(), size - at);
    std::copy_n(piece.data(), part, out + at);
    at += part;
  }
  sample = Sample::string({out, at});
  return true;
}

bool apply_concat(const Call& call, Sample& sample) {
  const std::string_view variable = text_of(call, call.argument(1)).value_or("");
  return join(call, sample, {sample.text, call.argument(0).text, variable, call.argument(2).text});
}

bool apply_add_item(const Call& call, Sample& sample) {
  const std::string_view variable = text_of(call, call.argument(1)).value_or("");
  const std::string_view suffix = call.argument(2).text;
  const bool needs_delimiter = !sample.text.empty() && (!variable.empty() || !suffix.empty());
  return join(call, sample,
              {sample.text, needs_delimiter ? std::string_view(call.argument(0).text) : std::string_view(),
               variable, suffix});
}
Prepared prepare_add_item(std::vector<Argument>& arguments, const Environment&) {
  if (arguments[1].is_given || !arguments[2].text.empty()) return {};
  return std::unexpected("neither a variable nor a text to add");
}

bool apply_strcmp(const Call& call, Sample& sample) {
  const auto other = text_of(call, call.argument(0));
  if (!other) return false;
  const auto [ours, theirs] = std::ranges::mismatch(sample.text, *other);
  std::int64_t difference = 0;
  if (ours != sample.text.end() && theirs != other->end()) {
    difference = static_cast<unsigned char>(*ours) - static_cast<unsigned char>(*theirs);
  } else if (sample.text.size() != other->size()) {
    difference = sample.text.size() < other->size() ? -1 : 1;
  }
  sample = Sample::number(difference);
  return true;
}

/// The time does not tell where two texts of one length differ.
bool apply_secure_memcmp(const Call& call, Sample& sample) {
  const auto other = text_of(call, call.argument(0));
  if (!other) return false;
  const std::string_view text = sample.text;
  unsigned difference = text.size() == other->size() ? 0 : 1;
  for (std::size_t i = 0; text.size() == other->size() && i < text.size(); ++i) {
    difference |= static_cast<unsigned char>(text[i] ^ (*other)[i]);
  }
  sample = Sample::boolean(difference == 0);
  return true;
}

bool apply_set_var(const Call& call, Sample& sample) {
  VariableStore* store = store_of(call, call.argument(0));
  if (store != nullptr) store->set(call.argument(0).variable->index, sample);
  return true;
}
bool apply_unset_var(const Call& call, Sample&) {
  VariableStore* store = store_of(call, call.argument(0));
  if (store != nullptr) store->unset(call.argument(0).variable->index);
  return true;
}
Prepared prepare_set_var(std::vector<Argument>& arguments, const Environment&) {
  if (arguments[0].variable->scope != Scope::kProcess) return {};
  return std::unexpected("variables of the process (proc.) are only read here");
}

constexpr ConverterRow kRows[] = {
    {"add_item", "s?vs", Type::kString, Type::kString, apply_add_item, prepare_add_item},
    {"concat", "?svs", Type::kString, Type::kString, apply_concat},
    {"secure_memcmp", "v", Type::kBinary, Type::kBool, apply_secure_memcmp},
    {"set-var", "v", Type::kAny, Type::kAny, apply_set_var, prepare_set_var},
    {"strcmp", "v", Type::kString, Type::kInteger, apply_strcmp},
    {"unset-var", "v", Type::kAny, Type::kAny, apply_unset_var, prepare_set_var},
};

}  // namespace

std::span<const ConverterRow> variable_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
