// The small hashes that HAProxy offers as converters and uses in base32. Pure; no protection against those who choose what is
// hashed.
#pragma once

#include <cstdint>
#include <string_view>

namespace reseal::rules::expression {

std::uint32_t sdbm_hash(std::string_view text);
std::uint32_t djb2_hash(std::string_view text);
std::uint32_t wt6_hash(std::string_view text);
std::uint32_t crc32_hash(std::string_view text);
std::uint32_t crc32c_hash(std::string_view text);
std::uint32_t xxh32_hash(std::string_view text, std::uint32_t seed);
std::uint64_t xxh64_hash(std::string_view text, std::uint64_t seed);

/// Every bit of the result depends on every bit of the hash.
std::uint32_t avalanche(std::uint32_t hash);

}  // namespace reseal::rules::expression
