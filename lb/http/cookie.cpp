#include "lb/http/cookie.h"

#include <cstring>

namespace reseal::http {

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
