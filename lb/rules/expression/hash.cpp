#include "lb/rules/expression/hash.h"

#include <bit>
#include <cstring>

namespace reseal::rules::expression {
namespace {

/// Bit by bit, reflected, as Ethernet's and iSCSI's checksums are.
std::uint32_t crc(std::string_view text, std::uint32_t polynomial) {
  std::uint32_t sum = 0xffffffff;
  for (const char c : text) {
    sum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ ((sum & 1) != 0 ? polynomial : 0);
  }
  return ~sum;
}

template <class Word>
Word word_at(std::string_view text, std::size_t at) {
  Word word = 0;
  std::memcpy(&word, text.data() + at, sizeof(word));
  if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
  return word;
}

// xxHash, as its specification has it (doc/xxhash_spec.md).
constexpr std::uint32_t kPrime32[] = {0, 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1};
constexpr std::uint64_t kPrime64[] = {
    0, 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5};

std::uint32_t round32(std::uint32_t lane, std::uint32_t word) {
  return std::rotl(lane + word * kPrime32[2], 13) * kPrime32[1];
}
std::uint64_t round64(std::uint64_t lane, std::uint64_t word) {
  return std::rotl(lane + word * kPrime64[2], 31) * kPrime64[1];
}
std::uint64_t merge64(std::uint64_t hash, std::uint64_t lane) {
  return (hash ^ round64(0, lane)) * kPrime64[1] + kPrime64[4];
}

}  // namespace

std::uint32_t sdbm_hash(std::string_view text) {
  std::uint32_t hash = 0;
  for (const char c : text) hash = static_cast<unsigned char>(c) + (hash << 6) + (hash << 16) - hash;
  return hash;
}

std::uint32_t djb2_hash(std::string_view text) {
  std::uint32_t hash = 5381;
  for (const char c : text) hash = (hash << 5) + hash + static_cast<unsigned char>(c);
  return hash;
}

std::uint32_t wt6_hash(std::string_view text) {
  std::uint32_t first = 0xa53c965a;
  std::uint32_t second = 0x5ca6953a;
  int first_step = 6;
  int second_step = 18;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    first = ~(first ^ byte);
    second = ~(second + byte);
    const std::uint32_t turned = std::rotl(second, first_step);
    second = std::rotl(first, second_step);
    first = turned;
    const std::uint32_t steps = ((first >> 16) ^ second) & 0xffff;
    first_step = static_cast<int>(steps & 31);
    second_step = static_cast<int>(steps >> 11);
  }
  return first ^ second;
}
std::uint32_t crc32_hash(std::string_view text) {
  return crc(text, 0xedb88320);
}
std::uint32_t crc32c_hash(std::string_view text) {
  return crc(text, 0x82f63b78);
}

std::uint32_t xxh32_hash(std::string_view text, std::uint32_t seed) {
  std::size_t at = 0;
  std::uint32_t hash = seed + kPrime32[5];
  if (text.size() >= 16) {
    std::uint32_t lanes[4] = {seed + kPrime32[1] + kPrime32[2], seed + kPrime32[2], seed, seed - kPrime32[1]};
    for (; at + 16 <= text.size(); at += 16) {
      for (std::size_t i = 0; i < 4; ++i)
        lanes[i] = round32(lanes[i], word_at<std::uint32_t>(text, at + 4 * i));
    }
    hash =
        std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
  }
  hash += static_cast<std::uint32_t>(text.size());
  for (; at + 4 <= text.size(); at += 4) {
    hash = std::rotl(hash + word_at<std::uint32_t>(text, at) * kPrime32[3], 17) * kPrime32[4];
  }
  for (; at < text.size(); ++at) {
    hash = std::rotl(hash + static_cast<unsigned char>(text[at]) * kPrime32[5], 11) * kPrime32[1];
  }
  hash = (hash ^ hash >> 15) * kPrime32[2];
  hash = (hash ^ hash >> 13) * kPrime32[3];
  return hash ^ hash >> 16;
}

std::uint64_t xxh64_hash(std::string_view text, std::uint64_t seed) {
  std::size_t at = 0;
  std::uint64_t hash = seed + kPrime64[5];
  if (text.size() >= 32) {
    std::uint64_t lanes[4] = {seed + kPrime64[1] + kPrime64[2], seed + kPrime64[2], seed, seed - kPrime64[1]};
    for (; at + 32 <= text.size(); at += 32) {
      for (std::size_t i = 0; i < 4; ++i)
        lanes[i] = round64(lanes[i], word_at<std::uint64_t>(text, at + 8 * i));
    }
    hash =
        std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (const std::uint64_t lane : lanes) hash = merge64(hash, lane);
  }
  hash += text.size();
  for (; at + 8 <= text.size(); at += 8) {
    hash = std::rotl(hash ^ round64(0, word_at<std::uint64_t>(text, at)), 27) * kPrime64[1] + kPrime64[4];
  }
  if (at + 4 <= text.size()) {
    hash = std::rotl(hash ^ word_at<std::uint32_t>(text, at) * kPrime64[1], 23) * kPrime64[2] + kPrime64[3];
    at += 4;
  }
  for (; at < text.size(); ++at) {
    hash = std::rotl(hash ^ static_cast<unsigned char>(text[at]) * kPrime64[5], 11) * kPrime64[1];
  }
  hash = (hash ^ hash >> 33) * kPrime64[2];
  hash = (hash ^ hash >> 29) * kPrime64[3];
  return hash ^ hash >> 32;
}

std::uint32_t avalanche(std::uint32_t hash) {
  // Bob Jenkins' integer hash with full avalanche (burtleburtle.net/bob/hash/integer.html), spread over the range.
  hash = (hash + 0x7ed55d16) + (hash << 12);
  hash = (hash ^ 0xc761c23c) ^ (hash >> 19);
  hash = (hash + 0x165667b1) + (hash << 5);
  hash = (hash + 0xd3a2646c) ^ (hash << 9);
  hash = (hash + 0xfd7046c5) + (hash << 3);
  hash = (hash ^ 0xb55a4f09) ^ (hash >> 16);
  return hash * 3221225473U;
}

}  // namespace reseal::rules::expression
