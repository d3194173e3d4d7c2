#include "lb/http/cookie.h"

#include <cstring>

namespace reseal::http {

bool sets_cookie(std::string_view set_cookie, std::string_view name) {
  std::string_view pair = trim_blanks(set_cookie.substr(0, set_cookie.find(';')));
  // Without a name the value alone comes back, and may begin with one.
  while (pair.starts_with('=')) pair = trim_blanks(pair.substr(1));
  std::string_view set = parse_cookie(pair).name;
  if (set.size() >= 2 && set.starts_with('"') && set.ends_with('"')) {
    set = trim_blanks(set.substr(1, set.size() - 2));
  }
  return set == name;
}

std::string_view without_cookie(std::string_view field, std::string_view name, Arena& arena) {
  bool found = false;
  for_each_cookie(field, [&](const Cookie& cookie, std::string_view) { found |= cookie.name == name; });
  if (!found) return field;
  char* text = arena.allocate(field.size());
  std::size_t size = 0;
  bool is_first = true;
  for_each_cookie(field, [&](const Cookie& cookie, std::string_view piece) {
    if (cookie.name == name) return;
    if (!is_first) text[size++] = ';';
    is_first = false;
    std::memcpy(text + size, piece.data(), piece.size());
    size += piece.size();
  });
  return trim_blanks({text, size});
}

}  // namespace reseal::http
