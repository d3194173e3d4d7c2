// The parameters of a query, and of bodies in its form. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace reseal::rules::expression {

/// The next parameter's value at `at` in `text`, of the name that is asked for or of any (empty); moves `at` behind it. False:
/// there is no more. `first`: what separates parameters besides '&' and ';'.
bool next_parameter(std::string_view text, char first, std::string_view name, std::size_t& at,
                    std::string_view& value);

}  // namespace reseal::rules::expression
