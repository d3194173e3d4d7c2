// Character classes of HTTP (RFC 9110 5.6.2, 5.5; RFC 3986), as one table. Header-only, pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lb/base/text.h"

namespace reseal::http {

enum CharClass : std::uint8_t {
  kTokenChar = 1,        ///< tchar: field names, methods, list tokens
  kFieldChar = 2,        ///< field-vchar, obs-text, SP and HTAB: inside a field value
  kTargetChar = 4,       ///< what a request target may hold: visible ASCII without '#'
  kHostChar = 8,         ///< letters, digits and "-_.": the names of hosts
  kLowerTokenChar = 16,  ///< tchar without upper case: field names of HTTP/2 (RFC 9113 8.2.1)
  kPlainNameChar = 32,   ///< letters, digits and '-': names of fields that no server takes for another's
};

constexpr std::array<std::uint8_t, 256> make_char_classes() {
  std::array<std::uint8_t, 256> table{};
  const auto add = [&table](std::string_view chars, std::uint8_t bits) {
    for (const char c : chars) table[static_cast<unsigned char>(c)] |= bits;
  };
  for (unsigned c = 0; c < 256; ++c) {
    const bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (alnum) table[c] |= kTokenChar | kHostChar | kPlainNameChar;
    if (alnum && !(c >= 'A' && c <= 'Z')) table[c] |= kLowerTokenChar;
    if (c == '\t' || (c >= 0x20 && c != 0x7f)) table[c] |= kFieldChar;
    if (c > 0x20 && c < 0x7f && c != '#') table[c] |= kTargetChar;
  }
  add("!#$%&'*+-.^_`|~", kTokenChar | kLowerTokenChar);
  add("-._", kHostChar);
  add("-", kPlainNameChar);
  return table;
}
inline constexpr std::array<std::uint8_t, 256> kCharClasses = make_char_classes();

constexpr bool is_char(char c, CharClass wanted) {
  return (kCharClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

/// Every character is of the class. Without branches in the loop, so that it runs at a few bytes a cycle.
constexpr bool all_chars(std::string_view text, CharClass wanted) {
  std::uint8_t common = 0xff;
  for (const char c : text) common &= kCharClasses[static_cast<unsigned char>(c)];
  return text.empty() || (common & wanted) != 0;
}

/// Calls `use` for each non-empty element of a comma-separated list (RFC 9110 5.6.1), without surrounding
/// blanks.
template <class Use>
void for_each_element(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view element = trim_blanks(list.substr(0, comma));
    if (!element.empty()) use(element);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace reseal::http
