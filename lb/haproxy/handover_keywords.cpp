// Options about what a server gets to know of a request, which become rules that are asked last: `option forwarded`, `option
// http-restrict-req-hdr-names`.
#include <algorithm>
#include <array>

#include "lb/haproxy/keyword_handler.h"

namespace reseal::haproxy {
namespace {

constexpr const char* kForwarded = "add-forwarded";
constexpr const char* kRestrict = "restrict-field-names";

/// A later line, or one of the section after one of its `defaults`, takes the place of an earlier one.
void forget(Translator& translator, std::string_view action) {
  std::erase_if(translator.proxy->rules.handover,
                [action](const config::RuleLine& rule) { return rule.words.front() == action; });
}

void read_forwarded(Translator& translator, const Line& line) {
  forget(translator, kForwarded);
  if (line.words.front().text == "no") return;
  config::RuleLine rule = translator.rule_of(line, 1);
  rule.words.front() = kForwarded;
  translator.proxy->rules.handover.push_back(std::move(rule));
}

void read_restrict(Translator& translator, const Line& line) {
  const std::string how = translator.argument(line, 2, "preserve, delete or reject");
  if (how.empty()) return;
  if (how != "preserve" && how != "delete" && how != "reject") {
    translator.error(line, 2, "'" + how + "' is not expected: preserve, delete or reject");
    return;
  }
  translator.expect_end(line, 3);
  forget(translator, kRestrict);
  if (how == "preserve") return;
  config::RuleLine rule = translator.rule_of(line, 1);
  rule.words = {kRestrict, how};
  rule.places.resize(rule.words.size());
  translator.proxy->rules.handover.push_back(std::move(rule));
}

constexpr std::array kOptions = {
    KeywordHandler{"forwarded", read_forwarded, true},
    KeywordHandler{"http-restrict-req-hdr-names", read_restrict},
};

}  // namespace

KeywordTable handover_keywords() {
  return {{}, kOptions};
}

}  // namespace reseal::haproxy
