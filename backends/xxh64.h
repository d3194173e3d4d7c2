// XXH64 (Yann Collet's xxHash, 64 bits): what HAProxy makes the values of its dynamic cookies with. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace reseal::backends {

std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace reseal::backends
