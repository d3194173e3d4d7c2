// XXH3 of 64 bits, as the specification of xxHash has it (doc/xxhash_spec.md). Not for secrets.
#pragma once

#include <cstdint>
#include <string_view>

namespace reseal::rules::expression {

std::uint64_t xxh3_hash(std::string_view text, std::uint64_t seed);

}  // namespace reseal::rules::expression
