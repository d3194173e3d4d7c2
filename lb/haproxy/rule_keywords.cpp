// What is done with requests and responses.
#include <array>

#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

/// What stands in front of every site: `redirect scheme https [code N] [if !{ ssl_fc }]`.
void read_redirect(Translator& translator, const Line& line) {
  std::vector<std::string_view> rest;
  for (std::size_t i = 1; i < line.words.size(); ++i) rest.push_back(line.words[i].text);
  int code = 302;
  if (rest.size() >= 2 && rest[0] == "scheme" && rest[1] == "https") {
    rest.erase(rest.begin(), rest.begin() + 2);
    if (rest.size() >= 2 && rest[0] == "code") {
      code = parse_number(rest[1], 301, 308).value_or(0);
      rest.erase(rest.begin(), rest.begin() + 2);
    }
    const bool unless_tls = rest == std::vector<std::string_view>{"if", "!{", "ssl_fc", "}"} ||
                            rest == std::vector<std::string_view>{"unless", "{", "ssl_fc", "}"};
    const bool is_code = code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
    if (is_code && (rest.empty() || unless_tls) && translator.proxy->is_frontend) {
      translator.proxy->redirects_to_https = true;
      if (rest.empty()) translator.proxy->redirects_always = true;
      if (code != 308)
        translator.notice(line,
                          "the redirect is sent with status 308, which keeps the method of the request");
      return;
    }
  }
  translator.error(line, 0,
                   "of redirects only 'redirect scheme https' of a frontend is there yet, alone or with "
                   "'code' 301, 302, 303, "
                   "307 or 308 and 'if !{ ssl_fc }'");
}

constexpr std::array kKeywords = {
    KeywordHandler{"redirect", read_redirect},
};

}  // namespace

KeywordTable rule_keywords() {
  return {kKeywords, {}};
}

}  // namespace reseal::haproxy
