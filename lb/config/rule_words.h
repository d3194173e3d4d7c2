// Rules in HAProxy's language as lines of text: how they are taken apart into words and put together again. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reseal::config {

/// As HAProxy does: blanks separate, quotes of either kind hold together, "\n", "\r", "\t" and "\xHH" are such characters, a
/// backslash before a blank, a quote, '#' or itself takes it as it is and otherwise stands for itself. There are no
/// variables, and '#' begins no comment. A quote that does not end ends with the text.
std::vector<std::string> split_rule(std::string_view text);

/// The line that is taken apart into these words.
std::string joined_rule(const std::vector<std::string>& words);

}  // namespace reseal::config
