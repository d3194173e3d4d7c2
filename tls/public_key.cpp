#include "tls/public_key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace reseal::tls {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

template <auto kFree>
struct FreeBy {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Bio = std::unique_ptr<BIO, FreeBy<BIO_free>>;
using Certificate = std::unique_ptr<X509, FreeBy<X509_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeBy<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreeBy<ECDSA_SIG_free>>;

Bio reader_of(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

/// As OpenSSL takes it; empty if it cannot be one.
std::string der_of(std::string_view pair) {
  if (pair.empty() || pair.size() % 2 != 0) return "";
  const int half = static_cast<int>(pair.size() / 2);
  const EcdsaSignature signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(pair), half, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(pair) + half, half, nullptr);
  // The signature owns them from here on.
  if (signature == nullptr || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return "";
  }
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(signature.get(), &out);
  return der;
}

}  // namespace

void PublicKey::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

std::shared_ptr<const PublicKey> PublicKey::parse(std::string_view pem) {
  EVP_PKEY* key = PEM_read_bio_PUBKEY(reader_of(pem).get(), nullptr, nullptr, nullptr);
  if (key == nullptr) {
    const Certificate certificate(PEM_read_bio_X509(reader_of(pem).get(), nullptr, nullptr, nullptr));
    if (certificate != nullptr) key = X509_get_pubkey(certificate.get());
  }
  ERR_clear_error();
  return key == nullptr ? nullptr : std::shared_ptr<const PublicKey>(new PublicKey(key));
}

bool PublicKey::verifies(Kind kind, const char* digest, std::string_view message,
                         std::string_view signature) const {
  if (EVP_PKEY_get_base_id(key_.get()) != (kind == Kind::kRsa ? EVP_PKEY_RSA : EVP_PKEY_EC)) return false;
  const std::string der = kind == Kind::kEcdsa ? der_of(signature) : std::string();
  const std::string_view given = kind == Kind::kEcdsa ? std::string_view(der) : signature;
  const Context context(EVP_MD_CTX_new());
  const EVP_MD* md = EVP_get_digestbyname(digest);
  const bool right =
      context != nullptr && md != nullptr && !given.empty() &&
      EVP_DigestVerifyInit(context.get(), nullptr, md, nullptr, key_.get()) == 1 &&
      EVP_DigestVerify(context.get(), bytes_of(given), given.size(), bytes_of(message), message.size()) == 1;
  ERR_clear_error();
  return right;
}

}  // namespace reseal::tls
