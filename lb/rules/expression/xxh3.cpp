#include "lb/rules/expression/xxh3.h"

#include <array>
#include <bit>
#include <cstring>

namespace reseal::rules::expression {
namespace {

using Secret = std::array<unsigned char, 192>;

// The specification's own bytes.
constexpr Secret kSecret = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};

constexpr std::uint32_t kPrime32[] = {0, 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D};
constexpr std::uint64_t kPrime64[] = {
    0, 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5};

template <class Word>
Word read(const void* from, std::size_t at) {
  Word word = 0;
  std::memcpy(&word, static_cast<const char*>(from) + at, sizeof(word));
  if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
  return word;
}
std::uint64_t read64(const void* from, std::size_t at) {
  return read<std::uint64_t>(from, at);
}
std::uint64_t secret64(std::size_t at) {
  return read64(kSecret.data(), at);
}

/// Both halves of the product of 128 bits.
std::uint64_t multiply_fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t avalanche(std::uint64_t hash) {
  hash = (hash ^ hash >> 37) * 0x165667919E3779F9;
  return hash ^ hash >> 32;
}
std::uint64_t avalanche_of_xxh64(std::uint64_t hash) {
  hash = (hash ^ hash >> 33) * kPrime64[2];
  hash = (hash ^ hash >> 29) * kPrime64[3];
  return hash ^ hash >> 32;
}

std::uint64_t hash_to_3(std::string_view text, std::uint64_t seed) {
  const auto byte = [&](std::size_t at) { return std::uint32_t{static_cast<unsigned char>(text[at])}; };
  const auto size = static_cast<std::uint32_t>(text.size());
  const std::uint32_t word = byte(0) << 16 | byte(size / 2) << 24 | byte(size - 1) | size << 8;
  const std::uint32_t flip = read<std::uint32_t>(kSecret.data(), 0) ^ read<std::uint32_t>(kSecret.data(), 4);
  return avalanche_of_xxh64(word ^ (flip + seed));
}

std::uint64_t hash_to_8(std::string_view text, std::uint64_t seed) {
  constexpr std::uint64_t kFactor = 0x9FB21C651E98DF25;
  seed ^= std::uint64_t{std::byteswap(static_cast<std::uint32_t>(seed))} << 32;
  const std::uint64_t first = read<std::uint32_t>(text.data(), 0);
  const std::uint64_t last = read<std::uint32_t>(text.data(), text.size() - 4);
  std::uint64_t hash = (last + (first << 32)) ^ ((secret64(8) ^ secret64(16)) - seed);
  hash ^= std::rotl(hash, 49) ^ std::rotl(hash, 24);
  hash *= kFactor;
  hash ^= (hash >> 35) + text.size();
  hash *= kFactor;
  return hash ^ hash >> 28;
}

std::uint64_t hash_to_16(std::string_view text, std::uint64_t seed) {
  const std::uint64_t low = read64(text.data(), 0) ^ ((secret64(24) ^ secret64(32)) + seed);
  const std::uint64_t high = read64(text.data(), text.size() - 8) ^ ((secret64(40) ^ secret64(48)) - seed);
  return avalanche(text.size() + std::byteswap(low) + high + multiply_fold(low, high));
}

/// Sixteen bytes of the text and of the secret.
std::uint64_t mix(std::string_view text, std::size_t at, std::size_t secret_at, std::uint64_t seed) {
  return multiply_fold(read64(text.data(), at) ^ (secret64(secret_at) + seed),
                       read64(text.data(), at + 8) ^ (secret64(secret_at + 8) - seed));
}

std::uint64_t hash_to_128(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = text.size() * kPrime64[1];
  for (std::size_t i = 0; i <= (text.size() - 1) / 32; ++i) {
    hash += mix(text, 16 * i, 32 * i, seed);
    hash += mix(text, text.size() - 16 * (i + 1), 32 * i + 16, seed);
  }
  return avalanche(hash);
}

std::uint64_t hash_to_240(std::string_view text, std::uint64_t seed) {
  constexpr std::size_t kFirstRounds = 8;
  std::uint64_t hash = text.size() * kPrime64[1];
  for (std::size_t i = 0; i < kFirstRounds; ++i) hash += mix(text, 16 * i, 16 * i, seed);
  hash = avalanche(hash);
  for (std::size_t i = kFirstRounds; i < text.size() / 16; ++i)
    hash += mix(text, 16 * i, 16 * (i - kFirstRounds) + 3, seed);
  return avalanche(hash + mix(text, text.size() - 16, 119, seed));
}

/// Of long texts: eight lanes, which take stripes of 64 bytes.
class Lanes {
 public:
  static constexpr std::size_t kStripe = 64;
  static constexpr std::size_t kStripesOfBlock = (sizeof(Secret) - kStripe) / 8;

  explicit Lanes(std::uint64_t seed) {
    for (std::size_t i = 0; i < sizeof(Secret); i += 8) {
      std::uint64_t word = i % 16 == 0 ? secret64(i) + seed : secret64(i) - seed;
      if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
      std::memcpy(secret_.data() + i, &word, sizeof(word));
    }
  }
  void add(const char* stripe, std::size_t secret_at) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      const std::uint64_t word = read64(stripe, 8 * i);
      const std::uint64_t key = word ^ read64(secret_.data(), secret_at + 8 * i);
      lanes_[i ^ 1] += word;
      lanes_[i] += (key & 0xffffffff) * (key >> 32);
    }
  }
  void scramble() {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      lanes_[i] ^= lanes_[i] >> 47;
      lanes_[i] = (lanes_[i] ^ read64(secret_.data(), sizeof(Secret) - kStripe + 8 * i)) * kPrime32[1];
    }
  }
  [[nodiscard]] std::uint64_t merge(std::size_t size) const {
    std::uint64_t hash = size * kPrime64[1];
    for (std::size_t i = 0; i < lanes_.size(); i += 2) {
      hash += multiply_fold(lanes_[i] ^ read64(secret_.data(), 11 + 8 * i),
                            lanes_[i + 1] ^ read64(secret_.data(), 19 + 8 * i));
    }
    return avalanche(hash);
  }

 private:
  Secret secret_{};
  std::array<std::uint64_t, 8> lanes_ = {kPrime32[3], kPrime64[1], kPrime64[2], kPrime64[3],
                                         kPrime64[4], kPrime32[2], kPrime64[5], kPrime32[1]};
};

std::uint64_t hash_long(std::string_view text, std::uint64_t seed) {
  Lanes lanes(seed);
  std::size_t stripe = 0;
  // The last stripe is that of the last bytes, which may overlap the one before.
  for (; (stripe + 1) * Lanes::kStripe < text.size(); ++stripe) {
    lanes.add(text.data() + stripe * Lanes::kStripe, 8 * (stripe % Lanes::kStripesOfBlock));
    if ((stripe + 1) % Lanes::kStripesOfBlock == 0) lanes.scramble();
  }
  lanes.add(text.data() + text.size() - Lanes::kStripe, sizeof(Secret) - Lanes::kStripe - 7);
  return lanes.merge(text.size());
}

}  // namespace

std::uint64_t xxh3_hash(std::string_view text, std::uint64_t seed) {
  if (text.empty()) return avalanche_of_xxh64(seed ^ secret64(56) ^ secret64(64));
  if (text.size() <= 3) return hash_to_3(text, seed);
  if (text.size() <= 8) return hash_to_8(text, seed);
  if (text.size() <= 16) return hash_to_16(text, seed);
  if (text.size() <= 128) return hash_to_128(text, seed);
  if (text.size() <= 240) return hash_to_240(text, seed);
  return hash_long(text, seed);
}

}  // namespace reseal::rules::expression
