#include "backends/xxh64.h"

#include <array>
#include <bit>

namespace reseal::backends {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87U;
constexpr std::uint64_t kPrime2 = 0xC2B2AE3D27D4EB4FU;
constexpr std::uint64_t kPrime3 = 0x165667B19E3779F9U;
constexpr std::uint64_t kPrime4 = 0x85EBCA77C2B2AE63U;
constexpr std::uint64_t kPrime5 = 0x27D4EB2F165667C5U;
constexpr std::size_t kStripe = 32;

/// The first `count` bytes of `bytes`, the least first.
std::uint64_t number(std::string_view bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::uint64_t round(std::uint64_t sum, std::uint64_t input) {
  return std::rotl(sum + input * kPrime2, 31) * kPrime1;
}

std::uint64_t hash_stripes(std::string_view& bytes, std::uint64_t seed) {
  std::array<std::uint64_t, 4> sums = {seed + kPrime1 + kPrime2, seed + kPrime2, seed, seed - kPrime1};
  for (; bytes.size() >= kStripe; bytes.remove_prefix(kStripe)) {
    for (std::size_t lane = 0; lane < sums.size(); ++lane)
      sums[lane] = round(sums[lane], number(bytes.substr(lane * 8), 8));
  }
  std::uint64_t hash =
      std::rotl(sums[0], 1) + std::rotl(sums[1], 7) + std::rotl(sums[2], 12) + std::rotl(sums[3], 18);
  for (const std::uint64_t sum : sums) hash = (hash ^ round(0, sum)) * kPrime1 + kPrime4;
  return hash;
}

}  // namespace

std::uint64_t xxh64(std::string_view bytes, std::uint64_t seed) {
  const std::size_t size = bytes.size();
  std::uint64_t hash = size >= kStripe ? hash_stripes(bytes, seed) : seed + kPrime5;
  hash += size;
  for (; bytes.size() >= 8; bytes.remove_prefix(8))
    hash = std::rotl(hash ^ round(0, number(bytes, 8)), 27) * kPrime1 + kPrime4;
  if (bytes.size() >= 4) {
    hash = std::rotl(hash ^ (number(bytes, 4) * kPrime1), 23) * kPrime2 + kPrime3;
    bytes.remove_prefix(4);
  }
  for (; !bytes.empty(); bytes.remove_prefix(1))
    hash = std::rotl(hash ^ (static_cast<unsigned char>(bytes[0]) * kPrime5), 11) * kPrime1;
  hash = (hash ^ hash >> 33) * kPrime2;
  hash = (hash ^ hash >> 29) * kPrime3;
  return hash ^ hash >> 32;
}

}  // namespace reseal::backends
