#include "backends/stick_rules.h"

#include <algorithm>

namespace reseal::backends {

using rules::stick::DataType;
using rules::stick::Record;

std::optional<std::uint32_t> server_of(const StickRule& rule, const Record& entry) {
  const auto& keys = rule.server_keys;
  const std::uint64_t key = entry.value({DataType::kServerKey}).value_or(0);
  if (const auto found = std::ranges::find(keys, key); found != keys.end())
    return static_cast<std::uint32_t>(found - keys.begin());
  const std::uint64_t number = entry.value({DataType::kServerId}).value_or(0);
  if (number == 0 || number > keys.size()) return std::nullopt;
  return static_cast<std::uint32_t>(number - 1);
}

void store_server(const StickRule& rule, std::uint32_t server, Record& entry) {
  entry.set({DataType::kServerId}, server + 1);
  entry.set({DataType::kServerKey}, rule.server_keys[server]);
}

}  // namespace reseal::backends
