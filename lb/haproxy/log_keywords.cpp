// What proxies log, and where.
#include <array>

#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

/// `log global`, `no log`, or a target of its own, which is not there yet.
void read_log(Translator& translator, const Line& line) {
  if (line.words.front().text == "no") {
    translator.proxy->logs_globally = false;
    return;
  }
  const std::string target = translator.argument(line, 1, "global");
  if (target == "global") {
    translator.proxy->logs_globally = true;
    translator.expect_end(line, 2);
  } else if (!target.empty()) {
    translator.error(
        line, 1,
        "a log target of a proxy's own is not there yet: name it in 'global' and write 'log global'");
  }
}

/// `option httplog clf` is another format, and not there yet.
void read_log_format(Translator& translator, const Line& line, const char* format) {
  translator.proxy->log_format = format;
  translator.expect_end(line, 2);
}

constexpr std::array kKeywords = {
    KeywordHandler{"log", read_log},
};

constexpr std::array kOptions = {
    KeywordHandler{"httplog", [](Translator& t, const Line& line) { read_log_format(t, line, "httplog"); }},
    KeywordHandler{"tcplog", [](Translator& t, const Line& line) { read_log_format(t, line, "tcplog"); }},
};

}  // namespace

KeywordTable log_keywords() {
  return {kKeywords, kOptions};
}

}  // namespace reseal::haproxy
