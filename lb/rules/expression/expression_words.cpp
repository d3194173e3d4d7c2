#include "lb/rules/expression/expression_words.h"

namespace reseal::rules::expression {

std::vector<ExpressionWord> split_expression(std::string_view text) {
  std::vector<ExpressionWord> words;
  bool in_word = false;
  char quote = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    const bool is_blank = c == ' ' || c == '\t' || c == '\n';
    if (quote == 0 && is_blank) {
      in_word = false;
      continue;
    }
    if (!in_word) words.push_back({{}, at});
    in_word = true;
    if (quote != 0 ? c == quote : c == '"' || c == '\'') {
      quote = quote != 0 ? 0 : c;
      continue;
    }
    if (c == '\\' && quote != '\'' && at + 1 < text.size()) c = text[++at];
    words.back().text += c;
  }
  return words;
}

}  // namespace reseal::rules::expression
