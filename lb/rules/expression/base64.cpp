#include "lb/rules/expression/base64.h"

#include <array>

#include "lb/rules/expression/sample.h"

namespace reseal::rules::expression {
namespace {

constexpr std::string_view kAlphabets[] = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};

constexpr std::array<std::int8_t, 256> values_of(std::string_view alphabet) {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr std::array<std::int8_t, 256> kValues[] = {values_of(kAlphabets[0]), values_of(kAlphabets[1])};

}  // namespace

std::optional<std::string_view> decode_base64(std::string_view text, Base64 coding, Arena& arena) {
  if (text.size() > Sample::kMostText || (coding == Base64::kPadded && text.size() % 4 != 0))
    return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  char* out = arena.allocate(text.size());
  char* at = out;
  std::uint32_t word = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::int8_t value = kValues[static_cast<std::size_t>(coding)][static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    word = word << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    *at++ = static_cast<char>(word >> bits);
  }
  return std::string_view(out, static_cast<std::size_t>(at - out));
}

std::string_view encode_base64(std::string_view bytes, Base64 coding, Arena& arena) {
  const std::string_view alphabet = kAlphabets[static_cast<std::size_t>(coding)];
  char* out = arena.allocate((bytes.size() + 2) / 3 * 4);
  char* at = out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k)
      word = word << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k) {
      if (k <= count) {
        *at++ = alphabet[word >> (18 - 6 * k) & 63];
      } else if (coding == Base64::kPadded) {
        *at++ = '=';
      }
    }
  }
  return {out, static_cast<std::size_t>(at - out)};
}

}  // namespace reseal::rules::expression
