#include "tls/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace reseal::tls {
namespace {

constexpr std::size_t kKeysKept = 3;

void fill_random(unsigned char* bytes, std::size_t size) {
  if (RAND_bytes(bytes, static_cast<int>(size)) == 1) return;
  std::fputs("reseal: no random numbers to be had from OpenSSL\n", stderr);
  std::abort();
}

}  // namespace

TicketKeys::Key::~Key() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(mac.data(), mac.size());
}

TicketKeys::TicketKeys() : cipher_(EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)) {
  rotate();
}

void TicketKeys::rotate() {
  Key fresh;
  fill_random(fresh.name.data(), fresh.name.size());
  fill_random(fresh.cipher.data(), fresh.cipher.size());
  fill_random(fresh.mac.data(), fresh.mac.size());
  const auto old = keys();
  auto next = std::make_shared<Keys>();
  next->push_back(fresh);
  if (old != nullptr) next->insert(next->end(), old->begin(), old->end());
  if (next->size() > kKeysKept) next->resize(kKeysKept);
  const std::scoped_lock lock(mutex_);
  keys_ = std::move(next);
}

std::shared_ptr<const TicketKeys::Keys> TicketKeys::keys() const {
  const std::scoped_lock lock(mutex_);
  return keys_;
}

int TicketKeys::prepare(unsigned char* key_name, unsigned char* iv, evp_cipher_ctx_st* cipher,
                        evp_mac_ctx_st* mac, bool seal) const {
  const auto all = keys();
  const Key* key = seal ? &all->front() : nullptr;
  for (const Key& candidate : *all) {
    if (key == nullptr && std::memcmp(candidate.name.data(), key_name, candidate.name.size()) == 0)
      key = &candidate;
  }
  if (key == nullptr) return 0;
  if (seal) {
    std::memcpy(key_name, key->name.data(), key->name.size());
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(cipher_.get())) != 1) return -1;
  }
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      // OpenSSL's parameters are not const-correct; it only reads these.
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(key->mac.data()),
                                        key->mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  const int initialised =
      EVP_CipherInit_ex(cipher, cipher_.get(), nullptr, key->cipher.data(), iv, seal ? 1 : 0);
  if (initialised != 1 || EVP_MAC_CTX_set_params(mac, parameters) != 1) return -1;
  return seal || key == &all->front() ? 1 : 2;
}

}  // namespace reseal::tls
