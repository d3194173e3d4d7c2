// The log variables (%ci, %HM) that formats outside of logs may have too: each stands for a format in expressions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reseal::rules::expression {

/// What `name` (without its percent sign) stands for: "src"'s value for "ci". Empty: it stands for nothing where rules run, be
/// it that it is not known before the request is over.
std::string_view format_of_name(std::string_view name);
/// Every name there is.
std::vector<std::string> format_names();

}  // namespace reseal::rules::expression
