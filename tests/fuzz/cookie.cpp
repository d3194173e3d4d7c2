// Cookie fields of any bytes: taking one cookie out takes out that one only, wherever it stands, and leaves the
// others byte by byte, as a second reader written plainly has it.
//
// Input: the cookie's name, a NUL, the field's value.
#include <cstdint>
#include <string>
#include <vector>

#include "lb/http/cookie.h"
#include "tests/fuzz/fuzz_check.h"

namespace reseal::http {
namespace {

std::string trimmed(std::string text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.erase(0, 1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
  return text;
}

/// The pieces between the semicolons.
std::vector<std::string> split(const std::string& field) {
  std::vector<std::string> pieces(1);
  for (const char c : field) {
    if (c == ';') {
      pieces.emplace_back();
    } else {
      pieces.back() += c;
    }
  }
  return pieces;
}

std::string name_of(const std::string& piece) {
  const std::size_t equals = piece.find('=');
  return equals == std::string::npos ? "" : trimmed(piece.substr(0, equals));
}

void take_out(const std::string& field, const std::string& name) {
  std::string wanted;
  bool found = false, first = true;
  for (const std::string& piece : split(field)) {
    if (name_of(piece) == name) {
      found = true;
      continue;
    }
    wanted += (first ? "" : ";") + piece;
    first = false;
  }
  BufferPool pool;
  Arena arena(pool);
  const std::string_view left = without_cookie(field, name, arena);
  FUZZ_CHECK(found || left.data() == field.data());
  FUZZ_CHECK(left == (found ? trimmed(wanted) : field));
  for_each_cookie(left, [&](const Cookie& cookie, std::string_view) { FUZZ_CHECK(cookie.name != name); });
  FUZZ_CHECK(without_cookie(left, name, arena).data() == left.data());
}

/// What a Cookie field would take for a cookie of that name, a Set-Cookie sets under it; nothing without the name does.
void set(const std::string& field, const std::string& name) {
  const bool sets = sets_cookie(field, name);
  FUZZ_CHECK(sets || name_of(split(field).front()) != name);
  FUZZ_CHECK(!sets || field.find(name) != std::string::npos);
}

}  // namespace
}  // namespace reseal::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\0');
  // A configured name is a token, never empty.
  if (end == std::string::npos || end == 0 || size > 100'000) return 0;
  const std::string name = input.substr(0, end);
  if (name.find_first_of("=; \t\"") != std::string::npos) return 0;
  reseal::http::take_out(input.substr(end + 1), name);
  reseal::http::set(input.substr(end + 1), name);
  return 0;
}
