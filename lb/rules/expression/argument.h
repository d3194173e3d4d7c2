// What stands in the parentheses behind a fetch's or converter's name, parsed by the row's signature. Immutable after
// compilation; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lb/rules/expression/sample.h"
#include "lb/rules/expression/variables.h"

namespace reseal::rules::stick {
class Table;
}

namespace reseal::rules::expression {

class Regex;
class ValueMap;

struct Argument {
  bool is_given = false;
  std::int64_t integer = 0;
  std::string text;
  Sample value;  ///< an address, a mask, or what a map gives for what it does not have
  std::optional<VariableId> variable;
  std::shared_ptr<const Regex> regex;
  std::shared_ptr<const ValueMap> map;
  std::shared_ptr<stick::Table> table;
};

}  // namespace reseal::rules::expression
