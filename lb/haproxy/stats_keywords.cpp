// `stats` of proxies: the page of statistics that they serve; and the numbers that it knows them by.
#include <array>

#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostNumber = 0x7fffffff;

struct StatsReader {
  Translator& translator;
  const Line& line;
  config::StatsPage& page;

  std::string argument(const char* what) { return translator.argument(line, 2, what); }
  /// All words from the third on, as HAProxy takes them for one text.
  [[nodiscard]] std::string rest() const {
    std::string text;
    for (std::size_t word = 2; word < line.words.size(); ++word)
      text += (word > 2 ? " " : "") + line.words[word].text;
    return text;
  }
};

void read_uri(StatsReader& r) {
  const std::string uri = r.argument("what the targets begin with, such as /stats");
  if (!uri.empty()) r.page.uri = uri;
}

void read_auth(StatsReader& r) {
  const std::string account = r.argument("USER:PASSWORD");
  if (account.empty()) return;
  const std::size_t colon = account.find(':');
  r.page.users.emplace_back(account.substr(0, colon),
                            colon == std::string::npos ? "" : account.substr(colon + 1));
}

void read_refresh(StatsReader& r) {
  const std::string text = r.argument("a time");
  if (!text.empty())
    r.page.refresh = r.translator.value_or(parse_time(text, std::chrono::seconds(1)), r.line, 2, Duration(0));
}

void read_admin(StatsReader& r) {
  const std::string word = r.argument("if or unless, and a condition");
  if (word != "if" && word != "unless" && !word.empty()) {
    r.translator.error(r.line, 2, "'stats admin' is followed by if or unless, and a condition");
    return;
  }
  r.translator.notice_once(
      r.line, "'stats admin' has no effect yet: the page of statistics shows servers and changes none");
}

struct Word {
  std::string_view name;
  void (*read)(StatsReader& reader);
};

constexpr std::array kWords = {
    Word{"enable", [](StatsReader&) {}},
    Word{"uri", read_uri},
    Word{"realm",
         [](StatsReader& r) {
           const std::string realm = r.argument("a name");
           if (!realm.empty()) r.page.realm = realm;
         }},
    Word{"auth", read_auth},
    Word{"refresh", read_refresh},
    Word{"scope",
         [](StatsReader& r) {
           const std::string proxy = r.argument("the name of a proxy, or a dot");
           if (!proxy.empty()) r.page.scopes.push_back(proxy);
         }},
    Word{"hide-version", [](StatsReader& r) { r.page.hides_version = true; }},
    Word{"show-legends", [](StatsReader& r) { r.page.shows_legends = true; }},
    Word{"show-modules", [](StatsReader&) {}},  // there is nothing of modules to show
    Word{"show-node", [](StatsReader& r) { r.page.node = r.rest(); }},
    Word{"show-desc", [](StatsReader& r) { r.page.description = r.rest(); }},
    Word{"admin", read_admin},
};

/// `stats http-request { allow | deny | auth [realm REALM] } [CONDITION]`: who may look. It makes the page as every word does.
void read_rule(Translator& translator, const Line& line) {
  const std::string action = translator.argument(line, 2, "allow, deny or auth");
  if (action.empty()) return;
  if (action != "allow" && action != "deny" && action != "auth") {
    translator.error(line, 2, "'stats http-request " + action + "': allow, deny and auth are there");
    return;
  }
  if (!translator.proxy->stats_page) translator.proxy->stats_page.emplace();
  translator.proxy->stats_rules.push_back(translator.rule_of(line, 2));
}

void read_stats(Translator& translator, const Line& line) {
  const std::string what = translator.argument(line, 1, "enable, uri, auth or another of its words");
  std::optional<config::StatsPage>& page = translator.proxy->stats_page;
  if (what == "http-request") {
    read_rule(translator, line);
    return;
  }
  for (const Word& word : kWords) {
    if (word.name != what) continue;
    if (!page) page.emplace();
    StatsReader reader{translator, line, *page};
    word.read(reader);
    return;
  }
  if (!what.empty()) translator.error(line, 1, "'stats " + what + "' is not there yet");
}

void read_number(Translator& translator, const Line& line) {
  const std::string text = translator.argument(line, 1, "a number");
  if (!text.empty())
    translator.proxy->number = translator.value_or(parse_number(text, 1, kMostNumber), line, 1, 0);
}

constexpr std::array kKeywords = {
    KeywordHandler{"stats", read_stats},
    KeywordHandler{"id", read_number},
};

}  // namespace

KeywordTable stats_keywords() {
  return {kKeywords, {}};
}

}  // namespace reseal::haproxy
