// `reseal stats` for people, made from the JSON that the admin socket answers. Pure.
#pragma once

#include <expected>
#include <string>

namespace reseal::stats {

/// The error says what is wrong with the JSON.
std::expected<std::string, std::string> table_text(const std::string& json);

}  // namespace reseal::stats
