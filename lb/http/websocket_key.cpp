#include "lb/http/websocket_key.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <random>

#include "lb/base/text.h"

namespace reseal::http {
namespace {

constexpr std::string_view kKeyName = "sec-websocket-key";
constexpr std::string_view kAcceptText = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

using Digest = std::array<std::uint8_t, 20>;

/// One block of SHA-1 (FIPS 180-4 6.1.2). Only RFC 6455 asks for it here, and not for its strength.
void add_block(const std::uint8_t* block, std::array<std::uint32_t, 5>& hash) {
  std::array<std::uint32_t, 80> w;
  for (std::size_t t = 0; t < 16; ++t) {
    w[t] = std::uint32_t{block[4 * t]} << 24 | std::uint32_t{block[4 * t + 1]} << 16 |
           std::uint32_t{block[4 * t + 2]} << 8 | block[4 * t + 3];
  }
  for (std::size_t t = 16; t < 80; ++t) w[t] = std::rotl(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
  auto [a, b, c, d, e] = hash;
  for (std::size_t t = 0; t < 80; ++t) {
    const std::uint32_t f = t < 20   ? (b & c) ^ (~b & d)
                            : t < 40 ? b ^ c ^ d
                            : t < 60 ? (b & c) ^ (b & d) ^ (c & d)
                                     : b ^ c ^ d;
    constexpr std::array<std::uint32_t, 4> k = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    const std::uint32_t next = std::rotl(a, 5) + f + e + k[t / 20] + w[t];
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  hash[0] += a;
  hash[1] += b;
  hash[2] += c;
  hash[3] += d;
  hash[4] += e;
}

Digest sha1(std::string message) {
  const std::uint64_t bits = message.size() * 8;
  message.push_back('\x80');
  while (message.size() % 64 != 56) message.push_back('\0');
  for (int shift = 56; shift >= 0; shift -= 8) message.push_back(static_cast<char>(bits >> shift));
  std::array<std::uint32_t, 5> hash = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  for (std::size_t at = 0; at < message.size(); at += 64) {
    add_block(reinterpret_cast<const std::uint8_t*>(message.data()) + at, hash);
  }
  Digest digest;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(hash[i / 4] >> (24 - 8 * (i % 4)));
  }
  return digest;
}

template <std::size_t kSize>
std::string base64(const std::array<std::uint8_t, kSize>& bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < kSize; at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (at + i < kSize ? bytes[at + i] : 0U);
    for (std::size_t i = 0; i < 4; ++i) {
      text.push_back(at + i <= kSize ? digits[group >> (18 - 6 * i) & 63] : '=');
    }
  }
  return text;
}

}  // namespace

void add_websocket_key(RequestHead& head) {
  if (head.upgrade.empty() || !equals_ignoring_case(head.upgrade, "websocket")) return;
  for (Field& field : head.fields) {
    if (equals_ignoring_case(field.name, kKeyName)) field.drop = true;
  }
  std::random_device random;
  std::array<std::uint32_t, 4> words;
  for (std::uint32_t& word : words) word = random();
  head.add(FieldName::kOther, kKeyName,
           head.arena.copy(base64(std::bit_cast<std::array<std::uint8_t, 16>>(words))));
}

std::string websocket_accept(std::string_view key) {
  return base64(sha1(std::string(key).append(kAcceptText)));
}

}  // namespace reseal::http
