#include "tls/aes_gcm.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>
#include <string>

namespace reseal::tls {
namespace {

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}

/// Null: the key or the nonce is of no use.
Context begin(std::string_view key, std::string_view nonce, int encrypts) {
  const EVP_CIPHER* cipher = key.size() == 16   ? EVP_aes_128_gcm()
                             : key.size() == 24 ? EVP_aes_192_gcm()
                             : key.size() == 32 ? EVP_aes_256_gcm()
                                                : nullptr;
  Context context(cipher == nullptr ? nullptr : EVP_CIPHER_CTX_new());
  const int nonce_size = static_cast<int>(nonce.size());
  if (context != nullptr &&
      EVP_CipherInit_ex(context.get(), cipher, nullptr, nullptr, nullptr, encrypts) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN, nonce_size, nullptr) == 1 &&
      EVP_CipherInit_ex(context.get(), nullptr, nullptr, bytes_of(key), bytes_of(nonce), encrypts) == 1)
    return context;
  ERR_clear_error();
  return nullptr;
}

bool update(EVP_CIPHER_CTX* context, std::string_view data, char* out) {
  int size = 0;
  return data.empty() ||
         EVP_CipherUpdate(context, bytes_of(out), &size, bytes_of(data), static_cast<int>(data.size())) == 1;
}

bool finish(EVP_CIPHER_CTX* context) {
  unsigned char rest[EVP_MAX_BLOCK_LENGTH];
  int size = 0;
  return EVP_CipherFinal_ex(context, rest, &size) == 1;
}

}  // namespace

bool aes_gcm_encrypt(std::string_view key, std::string_view nonce, std::string_view plain, char* out,
                     char* tag) {
  const Context context = begin(key, nonce, 1);
  if (context == nullptr) return false;
  const bool done = update(context.get(), plain, out) && finish(context.get()) &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kAesGcmTag, tag) == 1;
  if (!done) ERR_clear_error();
  return done;
}

bool aes_gcm_decrypt(std::string_view key, std::string_view nonce, std::string_view tag,
                     std::string_view sealed, char* out) {
  // A shorter tag would be easier to guess.
  if (tag.size() != kAesGcmTag) return false;
  const Context context = begin(key, nonce, 0);
  if (context == nullptr) return false;
  std::string expected(tag);
  const bool done =
      update(context.get(), sealed, out) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kAesGcmTag, expected.data()) == 1 &&
      finish(context.get());
  if (!done) ERR_clear_error();
  return done;
}

}  // namespace reseal::tls
