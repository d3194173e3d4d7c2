// TLS failures in words: whose certificate, what was wrong with it, what was expected, what to do. Pure.
#pragma once

#include <string>

#include "lb/base/error.h"
#include "tls/openssl_ptr.h"

namespace reseal::tls {

/// The cause of a failure of `is_client`'s handshake or connection. `verify` is an X509_V_ERR_* (0: none),
/// `entry` an entry of OpenSSL's error queue (0: none).
Code classify_tls_failure(bool is_client, long verify, unsigned long entry);

/// "certificate 'CN = web1' issued by 'CN = Demo CA', valid ... to ..., for the names web1.internal".
std::string describe_certificate(const x509_st& certificate);

struct FailureFacts {
  Error error;
  std::string certificate;        ///< describe_certificate of the one that failed, or empty
  std::string expected_name;      ///< verify_host
  std::string trust;              ///< where trusted issuers come from
  bool certificate_sent = false;  ///< we had a client certificate to send
};
std::string describe_tls_failure(const FailureFacts& facts);

}  // namespace reseal::tls
