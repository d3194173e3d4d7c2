#include "tls/openssl_version.h"

#include <openssl/crypto.h>

namespace reseal::tls {

std::string openssl_version() {
  return OpenSSL_version(OPENSSL_VERSION);
}

}  // namespace reseal::tls
