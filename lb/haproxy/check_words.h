// The words of a line of `http-check` or `tcp-check`, one after the other.
#pragma once

#include <string>
#include <string_view>

#include "lb/haproxy/translator.h"

namespace reseal::haproxy {

struct CheckWords {
  Translator& translator;
  const Line& line;
  std::size_t word;  ///< the one looked at

  [[nodiscard]] bool is_left() const { return word < line.words.size(); }
  [[nodiscard]] const std::string& text() const { return line.words[word].text; }
  /// The next word, which must be there.
  std::string argument(const char* what) { return translator.argument(line, ++word, what); }
  /// The next word, a log-format string, of which only plain text is there.
  std::string plain_format();
  /// Hexadecimal digits as the bytes that they stand for.
  std::string binary(std::string_view digits);
  /// The word is not known; the rest of the line is passed over.
  void refuse(const std::string& why);
};

/// "h2,http/1.1".
config::CheckAlpn check_alpn(std::string_view list);

}  // namespace reseal::haproxy
