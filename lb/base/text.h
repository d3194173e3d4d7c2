// Strict text and number parsing, and ASCII case folding. Locale-free; what returns no string allocates nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reseal {

constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The value of a hexadecimal digit; -1 if it is none.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Of `size` characters each: whether they are the same, ASCII letters in either case.
bool is_same_text(const char* a, const char* b, std::size_t size);
/// ASCII case-insensitive equality. Most texts that are asked about differ in length, which costs no call.
inline bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && is_same_text(a.data(), b.data(), a.size());
}

/// The text in lower case (ASCII letters only).
std::string lowered(std::string_view text);
/// "1 server", "3 servers": for messages.
std::string counted(std::uint64_t count, std::string_view noun);

/// Digits only, no sign, no blanks, no overflow; anything else is nullopt.
std::optional<std::uint64_t> parse_decimal(std::string_view text);
/// Hexadecimal digits only, no prefix, no overflow.
std::optional<std::uint64_t> parse_hex(std::string_view text);

/// Without leading and trailing SP and HTAB (RFC 9110 5.6.3 OWS; nothing else counts as blank).
constexpr std::string_view trim_blanks(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Writes the decimal digits of `value` into a small buffer; the view lives as long as the object.
class DecimalText {
 public:
  explicit DecimalText(std::uint64_t value);
  [[nodiscard]] std::string_view view() const { return {digits_.data() + begin_, digits_.size() - begin_}; }

 private:
  std::array<char, 20> digits_{};
  std::size_t begin_;
};

}  // namespace reseal
