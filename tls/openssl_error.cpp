#include "tls/openssl_error.h"

#include <openssl/err.h>

namespace reseal::tls {

std::string take_openssl_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason != nullptr ? reason : "no reason given";
}

void clear_openssl_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace reseal::tls
