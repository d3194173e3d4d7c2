// Hashing for consistent choices: stable across processes and versions, well mixed, not cryptographic.
#pragma once

#include <cstdint>
#include <string_view>

namespace reseal::backends {

/// Final mixing step: every input bit changes about half of the output bits.
constexpr std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdU;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53U;
  value ^= value >> 33;
  return value;
}

/// FNV-1a, mixed.
constexpr std::uint64_t hash_bytes(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return mix(hash);
}

}  // namespace reseal::backends
