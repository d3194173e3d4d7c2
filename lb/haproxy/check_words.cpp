#include "lb/haproxy/check_words.h"

#include "lb/base/text.h"

namespace reseal::haproxy {

std::string CheckWords::plain_format() {
  const std::string format = argument("a text");
  std::string plain;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%') {
      if (i + 1 == format.size() || format[i + 1] != '%') {
        translator.error(line, word,
                         "variables (%[...]) are not there in a check: a plain text is, with %% for a %");
        return plain;
      }
      ++i;
    }
    plain += format[i];
  }
  return plain;
}

std::string CheckWords::binary(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const auto byte = parse_hex(digits.substr(i, 2));
    if (!byte) break;
    bytes += static_cast<char>(*byte);
  }
  if (2 * bytes.size() != digits.size())
    translator.error(line, word, "'" + std::string(digits) + "': pairs of hexadecimal digits are expected");
  return bytes;
}

void CheckWords::refuse(const std::string& why) {
  translator.error(line, word, "'" + text() + "' is not expected here: " + why);
  word = line.words.size();
}

config::CheckAlpn check_alpn(std::string_view list) {
  const std::string all = "," + std::string(list) + ",";
  const bool h2 = all.find(",h2,") != std::string::npos;
  const bool h1 = all.find(",http/1.1,") != std::string::npos;
  return h2 && h1 ? config::CheckAlpn::kNegotiated : h2 ? config::CheckAlpn::kH2 : config::CheckAlpn::kHttp1;
}

}  // namespace reseal::haproxy
