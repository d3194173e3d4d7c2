#include "tls/digest.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace reseal::tls {
namespace {

unsigned char* bytes_of(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}

}  // namespace

std::optional<Digest> Digest::find(const std::string& name) {
  static_assert(kMostBytes == EVP_MAX_MD_SIZE);
  const Digest found(EVP_get_digestbyname(name.c_str()));
  // Old ones have a name, but no provider that computes them is loaded.
  char scratch[kMostBytes];
  if (found.digest_ == nullptr || found.hash("", scratch) == 0) return std::nullopt;
  return found;
}

std::size_t Digest::hash(std::string_view data, char* out) const {
  unsigned int size = 0;
  if (EVP_Digest(data.data(), data.size(), bytes_of(out), &size, digest_, nullptr) == 1) return size;
  ERR_clear_error();
  return 0;
}

std::size_t Digest::keyed_hash(std::string_view key, std::string_view data, char* out) const {
  unsigned int size = 0;
  const auto* message = reinterpret_cast<const unsigned char*>(data.data());
  if (HMAC(digest_, key.data(), static_cast<int>(key.size()), message, data.size(), bytes_of(out), &size) !=
      nullptr) {
    return size;
  }
  ERR_clear_error();
  return 0;
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace reseal::tls
