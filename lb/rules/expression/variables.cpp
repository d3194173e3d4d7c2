#include "lb/rules/expression/variables.h"

#include <algorithm>
#include <cstring>

#include "lb/base/did_you_mean.h"

namespace reseal::rules::expression {
namespace {

constexpr std::string_view kScopeNames[kScopes] = {"proc", "sess", "txn", "req", "res"};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

}  // namespace

std::expected<VariableId, std::string> VariableNames::id_of(std::string_view name) {
  const std::size_t dot = name.find('.');
  const auto* scope = std::ranges::find(kScopeNames, name.substr(0, dot));
  if (dot == std::string_view::npos || scope == std::end(kScopeNames)) {
    return std::unexpected(
        "'" + shortened(name) +
        "' does not begin with the scope of a variable (proc., sess., txn., req. or res.)");
  }
  const std::string_view rest = name.substr(dot + 1);
  if (rest.empty()) return std::unexpected("'" + shortened(name) + "' has no name behind its scope");
  if (!std::ranges::all_of(rest, is_name_character)) {
    return std::unexpected(
        "'" + shortened(name) +
        "' has a character that names of variables may not have (accepted: letters, digits, '.' and '_')");
  }
  const auto scope_index = static_cast<std::size_t>(scope - std::begin(kScopeNames));
  std::vector<std::string>& names = names_[scope_index];
  const auto known = std::ranges::find(names, rest);
  const auto index = static_cast<std::size_t>(known - names.begin());
  if (known == names.end()) {
    if (names.size() >= kMostNames)
      return std::unexpected("more than " + std::to_string(kMostNames) + " variables of one scope");
    names.emplace_back(rest);
  }
  return VariableId{static_cast<Scope>(scope_index), static_cast<std::uint16_t>(index)};
}

const Sample* VariableStore::find(std::uint16_t index) const {
  return index < values_.size() && values_[index].is_set ? &values_[index].sample : nullptr;
}

void VariableStore::begin(std::size_t names, Arena& arena) {
  arena_ = &arena;
  bytes_ = 0;
  values_.assign(names, {});
}

bool VariableStore::set(std::uint16_t index, const Sample& value) {
  if (index >= values_.size()) return false;
  Value& slot = values_[index];
  slot.is_set = false;
  Sample copy = value;
  if (copy.is_text()) {
    const std::size_t size = copy.text.size();
    if (size > slot.room_size) {
      if (size > kMostBytes - bytes_) return false;
      bytes_ += size;
      slot.room = arena_->allocate(size);
      slot.room_size = size;
    }
    // The text may be a part of the one that it replaces.
    if (size != 0) std::memmove(slot.room, copy.text.data(), size);
    copy.text = {slot.room, size};
  }
  slot.sample = copy;
  slot.is_set = true;
  return true;
}

void VariableStore::unset(std::uint16_t index) {
  if (index < values_.size()) values_[index].is_set = false;
}

void VariableStore::clear() {
  for (Value& value : values_) value = {};
  bytes_ = 0;
}

}  // namespace reseal::rules::expression
