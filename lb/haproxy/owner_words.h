// Users and groups by name, as `global`, `bind` and sockets name them.
#pragma once

#include <optional>

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

/// The number of the user or group at the word; an error if this machine has none of that name. Blocking.
std::optional<unsigned> user_named(Translator& translator, const Line& line, std::size_t word);
std::optional<unsigned> group_named(Translator& translator, const Line& line, std::size_t word);
/// A number of one.
std::optional<unsigned> owner_number(Translator& translator, const Line& line, std::size_t word);
/// "660": octal.
std::optional<unsigned> file_mode(Translator& translator, const Line& line, std::size_t word);

}  // namespace reseal::haproxy
