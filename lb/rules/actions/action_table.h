// The actions by their names: where each may stand and what reads its words.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/actions/action.h"
#include "lb/rules/actions/action_words.h"

namespace reseal::rules::actions {

/// The lists that rules stand in; bits.
enum Ruleset : std::uint8_t {
  kTcpConnection = 1,
  kTcpSession = 2,
  kTcpContent = 4,
  kHttpRequest = 16,
  kHttpResponse = 32,
  kHttpAfterResponse = 64,
  kTcpResponse = 8,
  kHandover = 128,  ///< after all rules for requests, whatever they allowed
};

struct ActionRow {
  /// "set-header"; of one with an argument in its name ("set-var(txn.x)") without it.
  std::string_view name;
  std::uint8_t rulesets;
  /// Reads what stands behind the name, up to the condition.
  Compiled<std::unique_ptr<Action>> (*read)(ActionWords& words);
};

/// By the word of a line ("set-var(txn.x)"); null if there is none of that name that may stand in one of `rulesets`.
const ActionRow* find_action(std::string_view word, std::uint8_t rulesets);
/// Those that may stand in one of them, sorted.
std::vector<std::string> action_names(std::uint8_t rulesets);

// The tables, by what they do; find_action looks into each.
std::span<const ActionRow> address_actions();
std::span<const ActionRow> capture_actions();
std::span<const ActionRow> deciding_actions();
std::span<const ActionRow> field_actions();
std::span<const ActionRow> handover_actions();
std::span<const ActionRow> map_actions();
std::span<const ActionRow> reply_actions();
std::span<const ActionRow> setting_actions();
std::span<const ActionRow> target_actions();
std::span<const ActionRow> variable_actions();
std::span<const ActionRow> track_actions();

}  // namespace reseal::rules::actions
