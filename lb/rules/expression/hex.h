// Hexadecimal text and the bytes it stands for. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lb/base/text.h"

namespace reseal::rules::expression {

/// An even number of digits, nothing else. Allocates.
inline std::optional<std::string> bytes_of_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace reseal::rules::expression
