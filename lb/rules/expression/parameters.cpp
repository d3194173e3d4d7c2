#include "lb/rules/expression/parameters.h"

namespace reseal::rules::expression {
namespace {

bool is_delimiter(char c, char first) {
  return c == '&' || c == ';' || c == first;
}

}  // namespace

bool next_parameter(std::string_view text, char first, std::string_view name, std::size_t& at,
                    std::string_view& value) {
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && !is_delimiter(text[end], first)) ++end;
    const std::string_view piece = text.substr(at, end - at);
    at = end + 1;
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos || (!name.empty() && piece.substr(0, equals) != name)) continue;
    value = piece.substr(equals + 1);
    return true;
  }
  return false;
}

}  // namespace reseal::rules::expression
