// `reseal stats` for people, made from the JSON that the admin socket answers. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

namespace reseal::stats {

/// The widest line of the table of entities, as long as names leave room for that: a name too long for it is
/// cut.
inline constexpr std::size_t kTableWidth = 120;

/// A heading, the table, then why each server is down and the warnings. The error says what is wrong with the
/// JSON.
std::expected<std::string, std::string> table_text(const std::string& json);

/// At most five characters: "99999", "123k", "1.23M", "45.6G". Rounds down: never more than there is.
std::string short_number(std::uint64_t number);

}  // namespace reseal::stats
