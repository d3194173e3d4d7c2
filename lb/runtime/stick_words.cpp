#include "lb/runtime/stick_words.h"

namespace reseal::runtime {

StickWords split_stick_words(const config::RuleLine& line) {
  const auto& words = line.words;
  const auto begins_condition = [&](std::size_t at) { return words[at] == "if" || words[at] == "unless"; };
  StickWords split;
  split.how = words.front();
  std::size_t at = 1;
  for (; at < words.size() && words[at] != "table" && !begins_condition(at); ++at) {
    // Converters may stand behind a comma or a blank.
    const bool is_joined =
        split.expression.empty() || split.expression.ends_with(',') || words[at].starts_with(',');
    split.expression += (is_joined ? "" : ",") + words[at];
  }
  if (at < words.size() && words[at] == "table") {
    split.table_word = ++at;
    if (at < words.size()) split.table = words[at++];
  }
  if (at >= words.size()) return split;
  (begins_condition(at) ? split.condition : split.unexpected) = at;
  return split;
}

}  // namespace reseal::runtime
