#include "lb/config/rule_lines.h"

namespace reseal::config {
namespace {

bool says_where_to(const std::string& word) {
  return word == "location" || word == "prefix" || word == "scheme";
}

/// `line` begins with "redirect".
template <class Change>
void change_targets(RuleLine& line, const Change& change) {
  for (std::size_t i = 2; i < line.words.size(); ++i) {
    if (says_where_to(line.words[i - 1])) line.words[i] = change(line.words[i]);
  }
}

}  // namespace

void double_percents(RuleLine& redirect) {
  change_targets(redirect, [](const std::string& word) {
    std::string literal;
    for (const char c : word) literal += c == '%' ? std::string("%%") : std::string(1, c);
    return literal;
  });
}

void single_percents(RuleLine& redirect) {
  change_targets(redirect, [](const std::string& word) {
    std::string written;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (word.compare(i, 2, "%%") == 0) ++i;
      written += word[i];
    }
    return written;
  });
}

}  // namespace reseal::config
