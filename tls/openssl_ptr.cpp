#include "tls/openssl_ptr.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace reseal::tls {

void OpensslDeleter::operator()(ssl_st* object) const {
  SSL_free(object);
}
void OpensslDeleter::operator()(ssl_ctx_st* object) const {
  SSL_CTX_free(object);
}
void OpensslDeleter::operator()(ssl_session_st* object) const {
  SSL_SESSION_free(object);
}
void OpensslDeleter::operator()(x509_st* object) const {
  X509_free(object);
}
void OpensslDeleter::operator()(evp_pkey_st* object) const {
  EVP_PKEY_free(object);
}
void OpensslDeleter::operator()(bio_st* object) const {
  BIO_free(object);
}
void OpensslDeleter::operator()(evp_cipher_st* object) const {
  EVP_CIPHER_free(object);
}

}  // namespace reseal::tls
