// The words behind `stick-table` (HAProxy's manual, 4.2).
#pragma once

#include <optional>

#include "lb/haproxy/translator.h"
#include "lb/rules/stick/definition.h"

namespace reseal::haproxy {

/// Nothing if something is wrong, which is told.
std::optional<rules::stick::Definition> read_stick_table_words(Translator& translator, const Line& line);

}  // namespace reseal::haproxy
