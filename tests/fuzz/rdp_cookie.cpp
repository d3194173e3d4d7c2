// The first bytes of a client as those of RDP: what is said of a beginning stands whatever follows, and the cookie lies within
// the bytes, on one line.
//
// Input: the cookie's name, a NUL, the bytes.
#include "lb/rules/expression/rdp_cookie.h"

#include <cstdint>

#include "tests/fuzz/fuzz_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::rules::expression;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t nul = input.find('\0');
  if (nul == std::string_view::npos) return 0;
  const std::string_view name = input.substr(0, nul);
  const std::string_view bytes = input.substr(nul + 1, 512);
  const RdpCookie whole = find_rdp_cookie(bytes, name);
  FUZZ_CHECK(!whole.is_there || !whole.needs_more);
  if (whole.is_there) {
    FUZZ_CHECK(whole.value.data() >= bytes.data());
    FUZZ_CHECK(whole.value.data() + whole.value.size() + 2 <= bytes.data() + bytes.size());
    FUZZ_CHECK(whole.value.find('\r') == std::string_view::npos);
  }
  for (std::size_t end = 0; end < bytes.size(); ++end) {
    const RdpCookie part = find_rdp_cookie(bytes.substr(0, end), name);
    if (part.needs_more) continue;
    FUZZ_CHECK(part.is_there == whole.is_there && part.value == whole.value && !whole.needs_more);
  }
  return 0;
}
