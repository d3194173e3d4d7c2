// Converters between codings of text: URLs, base64, hexadecimal, JSON.
#include <algorithm>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/base64.h"
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

template <Base64 kCoding>
bool apply_encode64(const Call& call, Sample& sample) {
  if (sample.text.size() / 3 * 4 + 4 > Sample::kMostText) return false;
  sample = Sample::string(encode_base64(sample.text, kCoding, call.arena));
  return true;
}
template <Base64 kCoding>
bool apply_decode64(const Call& call, Sample& sample) {
  const auto bytes = decode_base64(sample.text, kCoding, call.arena);
  if (bytes) sample = Sample::binary(*bytes);
  return bytes.has_value();
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
    {"b64dec", "", Type::kString, Type::kBinary, apply_decode64<Base64::kPadded>},
    {"base64", "", Type::kBinary, Type::kString, apply_encode64<Base64::kPadded>},
    {"hex", "", Type::kBinary, Type::kString, apply_hex},
    {"hex2i", "", Type::kString, Type::kInteger, apply_hex2i},
    {"htonl", "", Type::kInteger, Type::kBinary, apply_htonl},
    {"ub64dec", "", Type::kString, Type::kBinary, apply_decode64<Base64::kUrl>},
    {"ub64enc", "", Type::kBinary, Type::kString, apply_encode64<Base64::kUrl>},
    {"url_dec", "?i", Type::kString, Type::kString, apply_url_dec},
    {"url_enc", "?s", Type::kString, Type::kString, apply_url_enc, prepare_url_enc},
};

}  // namespace

std::span<const ConverterRow> coding_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
