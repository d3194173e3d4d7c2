// How servers are checked.
#include <array>

#include "lb/base/text.h"
#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

/// "200", "200-399", "200,204".
void read_expected_status(Translator& translator, const Line& line, std::size_t word) {
  std::vector<std::pair<int, int>>& expected = translator.proxy->check.expect_status;
  expected.clear();
  std::string_view text = line.words[word].text;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    const std::size_t dash = one.find('-');
    const int first = translator.value_or(parse_number(one.substr(0, dash), 100, 599), line, word, 200);
    const int last =
        dash == std::string_view::npos
            ? first
            : translator.value_or(parse_number(one.substr(dash + 1), 100, 599), line, word, first);
    if (last < first)
      translator.error(line, word, "'" + std::string(one) + "': the first is to be the smaller");
    expected.emplace_back(first, last);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
}

void read_http_check(Translator& translator, const Line& line) {
  const bool expects_status =
      line.words.size() == 4 && line.words[1].text == "expect" && line.words[2].text == "status";
  if (expects_status) {
    read_expected_status(translator, line, 3);
  } else {
    translator.error(line, 1, "of 'http-check' only 'expect status CODES' is there yet");
  }
}

/// `option httpchk [METHOD] [URI] [VERSION]`; nothing of one that was handed down is left.
void read_httpchk(Translator& translator, const Line& line) {
  CheckDraft fresh;
  fresh.is_http = true;
  fresh.expect_status = translator.proxy->check.expect_status;
  CheckDraft& check = translator.proxy->check = fresh;
  const auto word = [&](std::size_t number) {
    return line.words.size() > number ? line.words[number].text : "";
  };
  if (line.words.size() == 3) {
    check.path = word(2);
  } else if (line.words.size() > 3) {
    check.method = word(2);
    check.path = word(3);
  }
  translator.expect_end(line, 5);
  // The version may have one field behind it: "HTTP/1.1\r\nHost: www".
  std::string_view version = line.words.size() > 4 ? std::string_view(line.words[4].text) : "";
  const std::size_t end = version.find('\r');
  if (end == std::string_view::npos) return;
  constexpr std::string_view kHost = "\r\nhost:";
  const std::string_view field = version.substr(end);
  const bool is_host = lowered(field).starts_with(kHost) && field.find('\r', 1) == std::string_view::npos;
  if (is_host) {
    check.host = std::string(trim_blanks(field.substr(kHost.size())));
  } else {
    translator.error(line, 4, "of the fields of a check's request only Host is there yet");
  }
}

constexpr std::array kKeywords = {
    KeywordHandler{"http-check", read_http_check},
};

constexpr std::array kOptions = {
    KeywordHandler{"httpchk", read_httpchk},
    KeywordHandler{"tcp-check",
                   [](Translator& t, const Line& line) {
                     t.proxy->check.is_http = false;  // the last one said holds
                     t.expect_end(line, 2);
                   }},
};

}  // namespace

KeywordTable check_keywords() {
  return {kKeywords, kOptions};
}

}  // namespace reseal::haproxy
