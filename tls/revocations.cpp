#include "tls/revocations.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "tls/openssl_error.h"
#include "tls/openssl_ptr.h"

namespace reseal::tls {

std::expected<void, std::string> add_revocations(const std::string& pem, X509_STORE& store) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  int found = 0;
  while (X509_CRL* list = PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)) {
    X509_STORE_add_crl(&store, list);
    X509_CRL_free(list);
    ++found;
  }
  clear_openssl_errors();
  if (found == 0) return std::unexpected("no revocation list (-----BEGIN X509 CRL-----) in it");
  X509_STORE_set_flags(&store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return {};
}

}  // namespace reseal::tls
