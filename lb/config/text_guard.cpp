#include "lb/config/text_guard.h"

#include <algorithm>
#include <string>

namespace reseal::config {
namespace {

/// Length of the UTF-8 sequence at the start of `text` (RFC 3629 section 4); 0: there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  // The second byte's range keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
  const unsigned least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < least || byte(1) > most) return 0;
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  }
  return length;
}

Place place_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(offset - line_start) + 1};
}

}  // namespace

std::optional<YamlError> refused_text(std::string_view text) {
  // yaml-cpp reads a flow value to its end before it tells of its beginning: 8 MiB of '[' made it use 1.9 GB.
  // These three characters are the only ways to make it hold many values; what they stand in (quotes,
  // comments) is not looked at, since no real file comes near the limit.
  std::size_t flow = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '\0') return YamlError{place_at(text, at), "a NUL byte; is this a text file?"};
    if ((c == '[' || c == '{' || c == ',') && ++flow > kMostNodes) {
      return YamlError{place_at(text, at), kTooManyNodes};
    }
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0) return YamlError{place_at(text, at), "a byte that is no UTF-8; is this a text file?"};
    at += length;
  }
  return std::nullopt;
}

}  // namespace reseal::config
