// Converters between codings of text: URLs, base64, hexadecimal, JSON.
#include <algorithm>
#include <array>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/converter.h"
#include "lb/rules/expression/hex.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

bool apply_url_dec(const Call& call, Sample& sample) {
  const std::string_view text = sample.text;
  if (text.size() > Sample::kMostText) return false;
  bool in_query = call.argument(0).integer != 0;
  char* out = call.arena.allocate(text.size());
  char* at = out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return false;
      *at++ = static_cast<char>(high << 4 | low);
      i += 2;
      continue;
    }
    in_query = in_query || text[i] == '?';
    *at++ = in_query && text[i] == '+' ? ' ' : text[i];
  }
  sample = Sample::string({out, static_cast<std::size_t>(at - out)});
  return true;
}

bool is_unreserved(char c) {
  const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
  return alnum || c == '-' || c == '.' || c == '_' || c == '~';
}
bool apply_url_enc(const Call& call, Sample& sample) {
  const std::string_view text = sample.text;
  const auto escapes =
      static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return !is_unreserved(c); }));
  const std::size_t size = text.size() + 2 * escapes;
  if (size > Sample::kMostText) return false;
  char* out = call.arena.allocate(size);
  char* at = out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      *at++ = c;
      continue;
    }
    *at++ = '%';
    *at++ = kHexDigits[static_cast<unsigned char>(c) >> 4];
    *at++ = kHexDigits[static_cast<unsigned char>(c) & 15];
  }
  sample = Sample::string({out, size});
  return true;
}
Prepared prepare_url_enc(std::vector<Argument>& arguments, const Environment&) {
  if (arguments[0].text.empty() || arguments[0].text == "query") return {};
  return std::unexpected("'" + shortened(arguments[0].text) + "' is not a way to encode (accepted: query)");
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

template <bool kUrl>
bool apply_encode64(const Call& call, Sample& sample) {
  const std::string_view text = sample.text;
  if (text.size() > Sample::kMostText / 4 * 3) return false;
  constexpr std::string_view kAlphabet = kUrl ? kBase64Url : kBase64;
  char* out = call.arena.allocate((text.size() + 2) / 3 * 4);
  char* at = out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    const std::size_t bytes = std::min<std::size_t>(3, text.size() - i);
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k)
      word = word << 8 | (k < bytes ? static_cast<unsigned char>(text[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k) {
      if (k <= bytes) {
        *at++ = kAlphabet[word >> (18 - 6 * k) & 63];
      } else if (!kUrl) {
        *at++ = '=';
      }
    }
  }
  sample = Sample::string({out, static_cast<std::size_t>(at - out)});
  return true;
}

constexpr std::array<std::int8_t, 256> make_values(std::string_view alphabet) {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}

template <bool kUrl>
bool apply_decode64(const Call& call, Sample& sample) {
  static constexpr std::array<std::int8_t, 256> kValues = make_values(kUrl ? kBase64Url : kBase64);
  std::string_view text = sample.text;
  if (text.size() > Sample::kMostText || (!kUrl && text.size() % 4 != 0)) return false;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return false;
  char* out = call.arena.allocate(text.size());
  char* at = out;
  std::uint32_t word = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const std::int8_t value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return false;
    word = word << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    *at++ = static_cast<char>(word >> bits);
  }
  sample = Sample::binary({out, static_cast<std::size_t>(at - out)});
  return true;
}

bool apply_hex(const Call& call, Sample& sample) {
  const std::string_view text = sample.text;
  if (text.size() > Sample::kMostText / 2) return false;
  char* out = call.arena.allocate(2 * text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    out[2 * i] = kHexDigits[static_cast<unsigned char>(text[i]) >> 4];
    out[2 * i + 1] = kHexDigits[static_cast<unsigned char>(text[i]) & 15];
  }
  sample = Sample::string({out, 2 * text.size()});
  return true;
}

bool apply_hex2i(const Call&, Sample& sample) {
  std::uint64_t value = 0;
  for (const char c : sample.text) {
    const int digit = hex_digit(c);
    if (digit < 0) return false;
    value = value << 4 | static_cast<std::uint64_t>(digit);
  }
  sample = Sample::number(static_cast<std::int64_t>(value));
  return true;
}

bool apply_htonl(const Call& call, Sample& sample) {
  char* out = call.arena.allocate(4);
  for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<char>(sample.integer >> (24 - 8 * i));
  sample = Sample::binary({out, 4});
  return true;
}

constexpr ConverterRow kRows[] = {
    {"b64dec", "", Type::kString, Type::kBinary, apply_decode64<false>},
    {"base64", "", Type::kBinary, Type::kString, apply_encode64<false>},
    {"hex", "", Type::kBinary, Type::kString, apply_hex},
    {"hex2i", "", Type::kString, Type::kInteger, apply_hex2i},
    {"htonl", "", Type::kInteger, Type::kBinary, apply_htonl},
    {"ub64dec", "", Type::kString, Type::kBinary, apply_decode64<true>},
    {"ub64enc", "", Type::kBinary, Type::kString, apply_encode64<true>},
    {"url_dec", "?i", Type::kString, Type::kString, apply_url_dec},
    {"url_enc", "?s", Type::kString, Type::kString, apply_url_enc, prepare_url_enc},
};

}  // namespace

std::span<const ConverterRow> coding_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
