// Splits a condition that is one text ("path_beg /api !is_admin") into the words that the compiler takes. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reseal::rules::expression {

struct ExpressionWord {
  std::string text;
  std::size_t offset = 0;  ///< where it begins
};

/// Blanks separate; within quotes of either kind they do not, and a backslash takes the character behind it as it is (but
/// not within single quotes). A quote that does not end ends with the text.
std::vector<ExpressionWord> split_expression(std::string_view text);

}  // namespace reseal::rules::expression
