// One figure of HAProxy's statistics in its typed and JSON forms. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace reseal::stats {

/// Nothing: it does not apply, or there is no such figure here.
using StatValue = std::variant<std::monostate, std::uint64_t, std::int64_t, std::string>;

/// As a line shows it; empty for nothing.
std::string text_of(const StatValue& value);

/// What HAProxy calls a field: its position and name, three letters for origin, nature and scope, the type of its value.
struct FieldFacts {
  int position = 0;
  std::string_view name;
  std::string_view tags;
  std::string_view type;
};

/// "0.Name.1:POS:str:HAProxy" and a line feed, behind what is in `out` already ("F.2.0.").
void append_typed(std::string& out, const FieldFacts& field, const StatValue& value);
/// The members "field", "processNum", "tags" and "value".
void add_typed_members(nlohmann::ordered_json& item, const FieldFacts& field, const StatValue& value);

}  // namespace reseal::stats
