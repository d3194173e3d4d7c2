// A value as the key of a table: HAProxy's conversions. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "lb/base/arena.h"
#include "lb/rules/expression/sample.h"
#include "lb/rules/stick/definition.h"

namespace reseal::rules::stick {

/// The type that values become.
expression::Type sample_type(KeyType type);

/// The key's bytes, in `arena` or in the sample; nothing for a value that cannot be one. Texts are cut to the table's length,
/// binary ones that are shorter are filled with zeros. `sample` is converted.
std::optional<std::string_view> key_of(expression::Sample& sample, const Definition& definition,
                                       Arena& arena);

}  // namespace reseal::rules::stick
