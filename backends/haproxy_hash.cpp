#include "backends/haproxy_hash.h"

#include <bit>

namespace reseal::backends {
namespace {

std::uint32_t sdbm(std::string_view bytes) {
  std::uint32_t hash = 0;
  for (const char c : bytes) hash = hash * 65599 + static_cast<unsigned char>(c);
  return hash;
}

std::uint32_t djb2(std::string_view bytes) {
  std::uint32_t hash = 5381;
  for (const char c : bytes) hash = hash * 33 + static_cast<unsigned char>(c);
  return hash;
}

/// Two halves, each turned by a number of bits that the other decides.
std::uint32_t wt6(std::string_view bytes) {
  std::uint32_t left = 0xa53c965aU, right = 0x5ca6953aU;
  int turn_right = 6, turn_left = 18;
  for (const char c : bytes) {
    const std::uint32_t byte = static_cast<unsigned char>(c);
    left = ~(left ^ byte);
    right = ~(right + byte);
    const std::uint32_t turned = std::rotl(right, turn_right);
    right = std::rotl(left, turn_left);
    left = turned;
    const std::uint32_t bits = ((left >> 16) ^ right) & 0xffffU;
    turn_right = static_cast<int>(bits & 31U);
    turn_left = static_cast<int>(bits >> 11);
  }
  return left ^ right;
}

/// IEEE 802.3.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t hash = ~0U;
  for (const char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) hash = (hash >> 1) ^ ((hash & 1U) != 0 ? 0xedb88320U : 0U);
  }
  return ~hash;
}

}  // namespace

std::uint32_t haproxy_hash(HashFunction function, std::string_view bytes) {
  switch (function) {
    case HashFunction::kSdbm:
      break;
    case HashFunction::kDjb2:
      return djb2(bytes);
    case HashFunction::kWt6:
      return wt6(bytes);
    case HashFunction::kCrc32:
      return crc32(bytes);
  }
  return sdbm(bytes);
}

std::uint32_t haproxy_address_hash(std::string_view bytes) {
  std::uint32_t hash = 0, word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    word = word << 8 | static_cast<unsigned char>(bytes[i]);
    if (i % 4 == 3) hash ^= word;
  }
  return hash;
}

}  // namespace reseal::backends
