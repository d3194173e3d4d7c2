// The normal and the compared form of a path: neither holds what rules must not meet, the normal form is its own,
// and escaping any of its characters leads back to it.
//
// Input: two bytes (what is kept, which characters are escaped), then the target.
#include <algorithm>
#include <cstdint>
#include <string>

#include "lb/http/characters.h"
#include "lb/http/path.h"
#include "tests/fuzz/fuzz_check.h"

namespace reseal::http {
namespace {

bool has_dot_segment(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

std::string escaped(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {'%', kDigits[byte / 16], kDigits[byte % 16]};
}

/// Another spelling of the same path: letters, digits and dots escaped where the bits of `which` say so.
std::string respelled(std::string_view target, std::uint8_t which) {
  const std::size_t length = std::min(target.find('?'), target.size());
  std::string text;
  int until_next = 0;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const char c = target[i];
    const bool within_escape = until_next > 0;
    until_next = c == '%' ? 2 : until_next - 1;
    const bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.';
    const bool chosen = i < length && is_alnum && !within_escape && ((which >> (i % 8)) & 1) != 0;
    if (i < length && c == '/' && (which & 0x10) != 0) text += "/.//.";
    text += chosen ? escaped(c) : std::string(1, c);
  }
  return text;
}

void check_compared(std::string_view path, std::string_view compared) {
  FUZZ_CHECK(compared.size() <= path.size());
  FUZZ_CHECK(compared.starts_with('/'));
  FUZZ_CHECK(compared.find("//") == std::string_view::npos);
  FUZZ_CHECK(compared.find('\\') == std::string_view::npos && compared.find(';') == std::string_view::npos);
  FUZZ_CHECK(!has_dot_segment(compared));
  FUZZ_CHECK(has_path_prefix(compared, "/"));
  // Whatever a rule's prefix took from the front is gone, and the rest is a path.
  const std::string_view prefix = compared.substr(0, compared.find('/', 1));
  if (const auto left = without_path_prefix(path, prefix)) FUZZ_CHECK(left->starts_with('/'));
}

void check(std::string_view target, const PathPolicy& policy, std::uint8_t which) {
  BufferPool pool;
  Arena arena(pool);
  const auto normal = normal_target(target, policy, arena);
  if (!normal) {
    FUZZ_CHECK(normal.error().code == Code::kAmbiguousRequest && normal.error().origin == Origin::kClient);
    FUZZ_CHECK(target.find_first_of(".%\\") != std::string_view::npos);
    return;
  }
  FUZZ_CHECK(normal->size() <= target.size());
  FUZZ_CHECK(all_chars(*normal, kTargetChar));
  const std::size_t query = std::min(target.find('?'), target.size());
  FUZZ_CHECK(normal->ends_with(target.substr(query)));
  const std::string_view path = normal->substr(0, normal->size() - (target.size() - query));
  FUZZ_CHECK(path.find("//") == std::string_view::npos && !has_dot_segment(path));
  FUZZ_CHECK(policy.keep_encoded_slash || path.find("%2F") == std::string_view::npos);
  FUZZ_CHECK(policy.keep_backslash || path.find_first_of('\\') == std::string_view::npos);
  const auto again = normal_target(*normal, policy, arena);
  FUZZ_CHECK(again && *again == *normal);
  // What is kept only because the policy says so is looked at twice, and copied.
  const bool has_kept = path.find('\\') != std::string_view::npos ||
                        path.find("%2F") != std::string_view::npos ||
                        path.find("%5C") != std::string_view::npos;
  FUZZ_CHECK(has_kept || again->data() == normal->data() || normal->find("/.") != std::string_view::npos);
  const std::string other = respelled(*normal, which);
  const auto same = normal_target(other, policy, arena);
  FUZZ_CHECK(same && *same == *normal);
  check_compared(path, compared_path(path, arena));
}

}  // namespace
}  // namespace reseal::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::http;
  if (size < 3) return 0;
  const std::string_view target(reinterpret_cast<const char*>(data) + 2, size - 2);
  // What the parsers let through.
  if (!target.starts_with('/') || !all_chars(target, kTargetChar)) return 0;
  check(target, {.keep_encoded_slash = (data[0] & 1) != 0, .keep_backslash = (data[0] & 2) != 0}, data[1]);
  return 0;
}
