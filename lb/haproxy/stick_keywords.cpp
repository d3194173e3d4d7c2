// Stick tables, and persistence by them.
#include <array>

#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/stick_table_line.h"

namespace reseal::haproxy {
namespace {

void read_stick_table(Translator& translator, const Line& line) {
  ProxyDraft& proxy = *translator.proxy;
  if (proxy.stick_table) {
    translator.error(line, 0,
                     "'" + proxy.name + "' has a stick table already, in line " +
                         std::to_string(proxy.stick_table->place.line));
    return;
  }
  auto definition = read_stick_table_words(translator, line);
  if (definition) proxy.stick_table = {proxy.name, std::move(*definition), translator.place_of(line)};
}

/// What the words mean is found out where their conditions are.
void read_stick(Translator& translator, const Line& line) {
  const std::string how = translator.argument(line, 1, "on, match, store-request or store-response");
  if (how.empty()) return;
  if (how != "on" && how != "match" && how != "store-request" && how != "store-response") {
    translator.error(line, 1, "'stick " + how + "': on, match, store-request or store-response is expected");
    return;
  }
  if (translator.argument(line, 2, "an expression such as src").empty()) return;
  translator.proxy->stick_rules.push_back(translator.rule_of(line, 1));
}

constexpr std::array kKeywords = {
    KeywordHandler{"stick-table", read_stick_table},
    KeywordHandler{"stick", read_stick},
};

}  // namespace

KeywordTable stick_keywords() {
  return {kKeywords, {}};
}

}  // namespace reseal::haproxy
