// SHA-256 and SHA-384 without EVP, which OpenSSL 3 calls deprecated: EVP's contexts cannot be had without allocating.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tls/key_schedule.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace reseal::tls {
namespace {

struct Sha256 {
  static constexpr std::size_t kSize = SHA256_DIGEST_LENGTH, kBlock = SHA256_CBLOCK;
  SHA256_CTX state;
  void begin() { SHA256_Init(&state); }
  void add(Bytes bytes) { SHA256_Update(&state, bytes.data(), bytes.size()); }
  void finish(unsigned char* out) { SHA256_Final(out, &state); }
};

struct Sha384 {
  static constexpr std::size_t kSize = SHA384_DIGEST_LENGTH, kBlock = SHA512_CBLOCK;
  SHA512_CTX state;
  void begin() { SHA384_Init(&state); }
  void add(Bytes bytes) { SHA384_Update(&state, bytes.data(), bytes.size()); }
  void finish(unsigned char* out) { SHA384_Final(out, &state); }
};

/// RFC 2104. The key is hashed into both states once, whatever number of messages follows.
template <typename Hash>
class Hmac {
 public:
  explicit Hmac(Bytes key) {
    std::array<unsigned char, Hash::kBlock> pad{};
    if (key.size() > pad.size()) {
      inner_.begin();
      inner_.add(key);
      inner_.finish(pad.data());
    } else {
      std::ranges::copy(key, pad.begin());
    }
    for (unsigned char& byte : pad) byte ^= 0x36;
    inner_.begin();
    inner_.add(pad);
    for (unsigned char& byte : pad) byte ^= 0x36 ^ 0x5c;
    outer_.begin();
    outer_.add(pad);
    OPENSSL_cleanse(pad.data(), pad.size());
  }
  ~Hmac() {
    OPENSSL_cleanse(&inner_, sizeof inner_);
    OPENSSL_cleanse(&outer_, sizeof outer_);
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  /// Of the parts one behind the other. `out` may be one of them.
  template <typename... Parts>
  void of(unsigned char* out, Parts... parts) const {
    Hash hash = inner_;
    (hash.add(parts), ...);
    hash.finish(out);
    hash = outer_;
    hash.add({out, Hash::kSize});
    hash.finish(out);
    OPENSSL_cleanse(&hash, sizeof hash);
  }

 private:
  Hash inner_, outer_;
};

template <typename Hash>
void extract_with(Bytes salt, Bytes key, unsigned char* out) {
  static constexpr std::array<unsigned char, Hash::kSize> kZeros{};
  Hmac<Hash>(salt).of(out, key.empty() ? Bytes(kZeros) : key);
}

template <typename Hash>
void expand_with(Bytes secret, Bytes info, std::span<unsigned char> out) {
  const Hmac<Hash> hmac(secret);
  std::array<unsigned char, Hash::kSize> block;
  unsigned char number = 1;
  for (std::size_t done = 0; done < out.size(); done += block.size(), ++number) {
    const Bytes before(block.data(), done == 0 ? 0 : block.size());
    hmac.of(block.data(), before, info, Bytes(&number, 1));
    std::memcpy(out.data() + done, block.data(), std::min(block.size(), out.size() - done));
  }
  OPENSSL_cleanse(block.data(), block.size());
}

}  // namespace

template <typename Hash>
KeySchedule KeySchedule::with() {
  KeySchedule made;
  made.extract_ = extract_with<Hash>;
  made.expand_ = expand_with<Hash>;
  made.hash_size_ = Hash::kSize;
  Hash nothing;
  nothing.begin();
  nothing.finish(made.hash_of_nothing_);
  return made;
}

const KeySchedule* KeySchedule::of(std::string_view digest) {
  static const KeySchedule kSha256 = with<Sha256>();
  static const KeySchedule kSha384 = with<Sha384>();
  if (digest == "SHA2-256" || digest == "SHA256" || digest == "SHA-256") return &kSha256;
  if (digest == "SHA2-384" || digest == "SHA384" || digest == "SHA-384") return &kSha384;
  return nullptr;
}

bool KeySchedule::expand_label(Bytes secret, std::string_view prefix, std::string_view label, Bytes context,
                               std::span<unsigned char> out) const {
  constexpr std::size_t kMost = 255;
  const std::size_t label_size = prefix.size() + label.size();
  if (label_size > kMost || context.size() > kMost || out.size() > kMost * hash_size_) return false;
  std::array<unsigned char, 2 + 1 + kMost + 1 + kMost> info;
  std::size_t size = 0;
  const auto add = [&](const void* bytes, std::size_t count) {
    if (count != 0) std::memcpy(info.data() + size, bytes, count);
    size += count;
  };
  info[size++] = static_cast<unsigned char>(out.size() >> 8);
  info[size++] = static_cast<unsigned char>(out.size() & 0xff);
  info[size++] = static_cast<unsigned char>(label_size);
  add(prefix.data(), prefix.size());
  add(label.data(), label.size());
  info[size++] = static_cast<unsigned char>(context.size());
  add(context.data(), context.size());
  expand_(secret, {info.data(), size}, out);
  return true;
}

}  // namespace reseal::tls
