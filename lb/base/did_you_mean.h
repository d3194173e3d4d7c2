// The accepted word that a mistyped one is nearest to. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reseal {

/// "; did you mean 'balance'?" when one of `accepted` is near enough, otherwise "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& accepted);

/// Whether one may be the other with a slip or two.
bool is_near(std::string_view word, std::string_view candidate);

/// The text, cut where it is too long to be shown in a message.
std::string shortened(std::string_view text);

/// "a, b or c".
std::string one_of(const std::vector<std::string>& words);

}  // namespace reseal
