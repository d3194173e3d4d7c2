// The Cookie field of requests (RFC 6265 4.2): looking for one cookie, and taking it out; and the name in a Set-Cookie. Lenient as browsers
// and servers are: whatever stands between two ';' is a cookie. Pure; any thread.
#pragma once

#include <string_view>

#include "lb/base/arena.h"
#include "lb/base/text.h"

namespace reseal::http {

struct Cookie {
  std::string_view name;   ///< case-sensitive; empty if there is no '='
  std::string_view value;  ///< as sent, quotes included
};

/// One piece between two ';' of a Cookie field.
inline Cookie parse_cookie(std::string_view piece) {
  const std::size_t equals = piece.find('=');
  if (equals == std::string_view::npos) return {{}, trim_blanks(piece)};
  return {trim_blanks(piece.substr(0, equals)), trim_blanks(piece.substr(equals + 1))};
}

/// Calls `use(Cookie, piece)` for each piece of a Cookie field's value, in order.
template <class Use>
void for_each_cookie(std::string_view field, Use use) {
  for (;;) {
    const std::size_t end = field.find(';');
    const std::string_view piece = field.substr(0, end);
    use(parse_cookie(piece), piece);
    if (end == std::string_view::npos) return;
    field.remove_prefix(end + 1);
  }
}

/// A Set-Cookie of this value gives the browser a cookie that comes back under `name`, or that a server may read under it:
/// `SRV=x`, `" SRV" =x`, and the cookies without a name "SRV=x" of `=SRV=x` (RFC 6265bis 5.7 step 6).
bool sets_cookie(std::string_view set_cookie, std::string_view name);

/// The field's value without the cookies of that name; the other pieces stay as they are, byte by byte. The
/// same view if there is none of that name; otherwise memory of `arena`. Empty if nothing is left.
std::string_view without_cookie(std::string_view field, std::string_view name, Arena& arena);

}  // namespace reseal::http
