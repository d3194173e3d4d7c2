// The hash functions of HAProxy's `hash-type`: what spreads keys over servers as it does. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace reseal::backends {

enum class HashFunction : std::uint8_t { kSdbm, kDjb2, kWt6, kCrc32 };

std::uint32_t haproxy_hash(HashFunction function, std::string_view bytes);

/// A client's address (4 or 16 bytes in the order of the network): its 32-bit words laid over each other.
std::uint32_t haproxy_address_hash(std::string_view bytes);

/// Every bit of the input changes about half of those of the output (Bob Jenkins, "Integer hashing").
constexpr std::uint32_t avalanche(std::uint32_t a) {
  a = (a + 0x7ed55d16U) + (a << 12);
  a = (a ^ 0xc761c23cU) ^ (a >> 19);
  a = (a + 0x165667b1U) + (a << 5);
  a = (a + 0xd3a2646cU) ^ (a << 9);
  a = (a + 0xfd7046c5U) + (a << 3);
  a = (a ^ 0xb55a4f09U) ^ (a >> 16);
  return a * 3221225473U;
}

}  // namespace reseal::backends
