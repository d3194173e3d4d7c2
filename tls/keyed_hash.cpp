#include "tls/keyed_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace reseal::tls {
namespace {

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "reseal: no %s to be had from OpenSSL\n", what);
  std::abort();
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::string random_secret() {
  constexpr std::size_t kBytes = 32;
  std::string secret(kBytes, '\0');
  if (RAND_bytes(bytes_of(secret), static_cast<int>(secret.size())) != 1) give_up("random numbers");
  return secret;
}

KeyedHash::~KeyedHash() {
  OPENSSL_cleanse(secret_.data(), secret_.size());
}

std::string KeyedHash::hex(std::string_view message, std::size_t bytes) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash;
  unsigned int size = 0;
  if (HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
           reinterpret_cast<const unsigned char*>(message.data()), message.size(), hash.data(),
           &size) == nullptr) {
    give_up("SHA-256");
  }
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(bytes, size); ++i) {
    text += kDigits[hash[i] >> 4];
    text += kDigits[hash[i] & 0xf];
  }
  return text;
}

}  // namespace reseal::tls
