// An argument that is a text or the name of a variable. Any thread; allocates nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "lb/rules/expression/call.h"

namespace reseal::rules::expression {

/// Its text, or the variable's value as one; nothing where the variable has none. Of the expression, the context or the arena.
std::optional<std::string_view> argument_text(const Call& call, std::size_t index);

}  // namespace reseal::rules::expression
