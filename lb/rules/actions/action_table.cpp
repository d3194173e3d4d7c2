#include "lb/rules/actions/action_table.h"

#include <algorithm>

namespace reseal::rules::actions {
namespace {

constexpr std::span<const ActionRow> (*kTables[])() = {
    address_actions, capture_actions, deciding_actions, field_actions,    handover_actions, map_actions,
    reply_actions,   setting_actions, target_actions,   variable_actions, track_actions};

}  // namespace

const ActionRow* find_action(std::string_view name, std::uint8_t ruleset) {
  name = name.substr(0, name.find('('));
  for (const auto table : kTables) {
    for (const ActionRow& row : table()) {
      if (row.name == name && (row.rulesets & ruleset) != 0) return &row;
    }
  }
  return nullptr;
}

std::vector<std::string> action_names(std::uint8_t ruleset) {
  std::vector<std::string> names;
  for (const auto table : kTables) {
    for (const ActionRow& row : table()) {
      if ((row.rulesets & ruleset) != 0) names.emplace_back(row.name);
    }
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace reseal::rules::actions
