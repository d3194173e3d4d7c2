// How clients stay with their server.
#include <array>
#include <string>
#include <vector>

#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

using config::ServerCookieMode;

/// The words of one `cookie` line, read from left to right.
struct CookieReader {
  Translator& translator;
  const Line& line;
  config::ServerCookie cookie;
  std::string domains, extra;  // attributes, each with "; " before it
  bool http_only = false, secure = false;
  bool insert = false, rewrite = false, prefix = false, dynamic = false;
  std::size_t word = 2;  // the next

  std::string argument(const char* what) { return translator.argument(line, ++word, what); }
  void time(std::chrono::seconds& to) {
    const std::string text = argument("a time such as 30m");
    if (text.empty()) return;
    const Duration time =
        translator.value_or(parse_time(text, std::chrono::seconds(1)), line, word, Duration(0));
    to = std::chrono::duration_cast<std::chrono::seconds>(time);
  }
  void attribute(std::string& to, const char* before, const char* what) {
    const std::string text = argument(what);
    for (const char c : text) {
      if (static_cast<unsigned char>(c) >= ' ' && c != '\x7f' && c != ';') continue;
      translator.error(line, word, "an attribute of a cookie holds neither ';' nor control characters");
      return;
    }
    if (!text.empty()) to += before + text;
  }
};

struct Option {
  std::string_view name;
  void (*read)(CookieReader& reader);
};

constexpr std::array kOptions = {
    Option{"insert", [](CookieReader& r) { r.insert = true; }},
    Option{"rewrite", [](CookieReader& r) { r.rewrite = true; }},
    Option{"prefix", [](CookieReader& r) { r.prefix = true; }},
    Option{"indirect", [](CookieReader& r) { r.cookie.indirect = true; }},
    Option{"nocache", [](CookieReader& r) { r.cookie.nocache = true; }},
    Option{"postonly", [](CookieReader& r) { r.cookie.postonly = true; }},
    Option{"preserve", [](CookieReader& r) { r.cookie.preserve = true; }},
    Option{"httponly", [](CookieReader& r) { r.http_only = true; }},
    Option{"secure", [](CookieReader& r) { r.secure = true; }},
    Option{"domain", [](CookieReader& r) { r.attribute(r.domains, "; domain=", "a domain"); }},
    Option{"attr", [](CookieReader& r) { r.attribute(r.extra, "; ", "an attribute such as SameSite=None"); }},
    Option{"maxidle", [](CookieReader& r) { r.time(r.cookie.max_idle); }},
    Option{"maxlife", [](CookieReader& r) { r.time(r.cookie.max_life); }},
    Option{"dynamic", [](CookieReader& r) { r.dynamic = true; }},
};

void check_cookie(const CookieReader& r) {
  const auto refuse = [&](const char* why) { r.translator.error(r.line, 2, why); };
  if (r.rewrite && r.cookie.indirect) refuse("cookie 'rewrite' and 'indirect' modes are incompatible.");
  if (int{r.insert} + int{r.rewrite} + int{r.prefix} > 1)
    refuse("cookie 'rewrite', 'insert' and 'prefix' modes are incompatible.");
  if (r.cookie.preserve && !r.insert && !r.cookie.indirect)
    refuse("cookie 'preserve' requires at least 'insert' or 'indirect'.");
}

void read_cookie(Translator& translator, const Line& line) {
  CookieReader reader{translator, line, {}, {}, {}};
  reader.cookie.name = translator.argument(line, 1, "the name of a cookie");
  if (reader.cookie.name.empty()) return;
  for (; reader.word < line.words.size(); ++reader.word) {
    const std::string& name = line.words[reader.word].text;
    bool known = false;
    for (const Option& option : kOptions) {
      if (option.name != name) continue;
      option.read(reader);
      known = true;
    }
    if (!known)
      translator.error(
          line, reader.word,
          "'cookie' supports 'rewrite', 'insert', 'prefix', 'indirect', 'nocache', 'postonly', "
          "'preserve', 'httponly', 'secure', 'domain', 'maxidle', 'maxlife', 'dynamic' and 'attr' options.");
  }
  check_cookie(reader);
  reader.cookie.mode = reader.insert    ? ServerCookieMode::kInsert
                       : reader.rewrite ? ServerCookieMode::kRewrite
                       : reader.prefix  ? ServerCookieMode::kPrefix
                                        : ServerCookieMode::kPassive;
  reader.cookie.attributes = reader.domains + (reader.http_only ? "; HttpOnly" : "") +
                             (reader.secure ? "; Secure" : "") + reader.extra;
  translator.proxy->cookie = std::move(reader.cookie);
  translator.proxy->has_dynamic_cookie = reader.dynamic;
}

void read_dynamic_key(Translator& translator, const Line& line) {
  translator.proxy->dynamic_cookie_key = translator.argument(line, 1, "a secret");
  translator.expect_end(line, 2);
}

void read_use_server(Translator& translator, const Line& line) {
  if (translator.argument(line, 1, "the name of a server").empty()) return;
  translator.proxy->rules.use_server.push_back(translator.rule_of(line, 1));
}

void read_persist_rule(Translator& translator, const Line& line) {
  const std::string condition = translator.argument(line, 1, "'if' or 'unless' and a condition");
  if (condition == "if" || condition == "unless") {
    translator.proxy->rules.persist.push_back(translator.rule_of(line, 0));
  } else if (!condition.empty()) {
    translator.error(
        line, 1, "'" + line.words[0].text + "' requires either 'if' or 'unless' followed by a condition.");
  }
}

/// `persist rdp-cookie[(NAME)]`
void read_persist(Translator& translator, const Line& line) {
  const std::string method = translator.argument(line, 1, "rdp-cookie");
  if (method.empty()) return;
  config::RuleLine rule{{"persist", method == "rdp-cookie" ? "rdp-cookie(msts)" : method},
                        {translator.place_of(line, 0), translator.place_of(line, 1)}};
  const std::string& named = rule.words.back();
  if (!named.starts_with("rdp-cookie")) {
    translator.error(line, 1, "unknown persist method.");
  } else if (!named.starts_with("rdp-cookie(") || named.find(')') != named.size() - 1 ||
             named.ends_with("()")) {
    translator.error(line, 1, "persist rdp-cookie(name)' requires an rdp cookie name.");
  } else {
    std::erase_if(translator.proxy->rules.persist,
                  [](const config::RuleLine& other) { return other.words.front() == "persist"; });
    translator.proxy->rules.persist.push_back(std::move(rule));
  }
  translator.expect_end(line, 2);
}

constexpr std::array kKeywords = {
    KeywordHandler{"use-server", read_use_server},
    KeywordHandler{"force-persist", read_persist_rule},
    KeywordHandler{"ignore-persist", read_persist_rule},
    KeywordHandler{"persist", read_persist},
    KeywordHandler{"cookie", read_cookie},
    KeywordHandler{"dynamic-cookie-key", read_dynamic_key},
};

constexpr std::array kProxyOptions = {
    KeywordHandler{
        "persist",
        [](Translator& t, const Line& line) { t.proxy->asks_down = line.words.front().text != "no"; }, true},
};

}  // namespace

KeywordTable cookie_keywords() {
  return {kKeywords, kProxyOptions};
}

}  // namespace reseal::haproxy
