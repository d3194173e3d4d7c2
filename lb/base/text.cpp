#include "lb/base/text.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace reseal {
namespace {

template <typename Word>
std::uint64_t word_at(const char* at) {
  Word word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

/// Up to eight characters with the ASCII letters among them in lower case. The sums carry into a byte's top bit and no further.
constexpr std::uint64_t lower_letters(std::uint64_t word) {
  constexpr std::uint64_t kEach = 0x0101010101010101;
  const std::uint64_t low_bits = word & 0x7f * kEach;
  const std::uint64_t from_a = low_bits + (0x80 - 'A') * kEach;
  const std::uint64_t above_z = low_bits + (0x7f - 'Z') * kEach;
  const std::uint64_t capital = from_a & ~above_z & ~word & 0x80 * kEach;
  return word | capital >> 2;
}

/// Of one word at least; the last one overlaps the one before.
template <typename Word>
bool is_same_in_words(const char* a, const char* b, std::size_t size) {
  const std::size_t last = size - sizeof(Word);
  for (std::size_t at = 0;; at = std::min(at + sizeof(Word), last)) {
    const std::uint64_t of_a = word_at<Word>(a + at);
    const std::uint64_t of_b = word_at<Word>(b + at);
    if (of_a != of_b && lower_letters(of_a) != lower_letters(of_b)) return false;
    if (at == last) return true;
  }
}

std::optional<std::uint64_t> parse_base(std::string_view text, int base) {
  // from_chars takes no sign, prefix or blank for an unsigned type except '-', which the first test refuses.
  if (text.empty() || text.front() == '-') return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool is_same_text(const char* a, const char* b, std::size_t size) {
  if (size >= sizeof(std::uint64_t)) return is_same_in_words<std::uint64_t>(a, b, size);
  if (size >= sizeof(std::uint32_t)) return is_same_in_words<std::uint32_t>(a, b, size);
  for (std::size_t i = 0; i < size; ++i) {
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
