// How a backend's clients stay with their servers by HAProxy's `stick` rules: keys that are looked up in tables, and stored there
// with the server that answered. What one generation says of it; immutable but for the tables; shared by workers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "lb/rules/expression/condition.h"
#include "lb/rules/expression/expression.h"
#include "lb/rules/stick/table.h"

namespace reseal::backends {

struct StickRule {
  bool is_match = false;  ///< the entry's server is preferred
  bool is_store = false;  ///< the server that answers is stored
  rules::expression::Expression key;
  std::optional<rules::expression::Condition> condition;  ///< none: always
  std::shared_ptr<rules::stick::Table> table;
  std::vector<std::uint32_t> server_keys;  ///< the table's numbers of the servers, in their order
};

struct StickRules {
  std::vector<StickRule> request;   ///< on, match, store-request
  std::vector<StickRule> response;  ///< store-response
  std::vector<bool> never_stored;   ///< by server: non-stick
};

/// The server of an entry (its index): that of its name, or else of its number, which counts from 1.
std::optional<std::uint32_t> server_of(const StickRule& rule, const rules::stick::Record& entry);
/// Stores it.
void store_server(const StickRule& rule, std::uint32_t server, rules::stick::Record& entry);

}  // namespace reseal::backends
