// Base64 (RFC 4648) of text that came from outside. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lb/base/arena.h"

namespace reseal::rules::expression {

enum class Base64 : std::uint8_t {
  kPadded,  ///< "+/" and as many '=' as make the length one of fours
  kUrl      ///< "-_", with '=' or without
};

/// The bytes in `arena`; nothing if it is none, or longer than Sample::kMostText.
std::optional<std::string_view> decode_base64(std::string_view text, Base64 coding, Arena& arena);
std::string_view encode_base64(std::string_view bytes, Base64 coding, Arena& arena);

}  // namespace reseal::rules::expression
