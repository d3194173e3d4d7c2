#include "lb/base/text.h"

#include <charconv>

namespace reseal {
namespace {

std::optional<std::uint64_t> parse_base(std::string_view text, int base) {
  // from_chars takes no sign, prefix or blank for an unsigned type except '-', which the first test refuses.
  if (text.empty() || text.front() == '-') return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (ascii_lower(a[i]) != ascii_lower(b[i])) return false;
  }
  return true;
}

std::string lowered(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = ascii_lower(c);
  return lower;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  std::string text = std::to_string(count) + " ";
  text += noun;
  if (count != 1) text += 's';
  return text;
}

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  return parse_base(text, 10);
}
std::optional<std::uint64_t> parse_hex(std::string_view text) {
  return parse_base(text, 16);
}

DecimalText::DecimalText(std::uint64_t value) : begin_(digits_.size()) {
  do {
    digits_[--begin_] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
}

}  // namespace reseal
