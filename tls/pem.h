// PEM files: certificate chains and private keys, with messages for people. Control thread; blocking file
// reads.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "tls/openssl_ptr.h"

namespace reseal::tls {

/// The bytes of a file (at most 1 MiB); the error says why it cannot be read.
std::expected<std::string, std::string> read_file(const std::string& path);

struct CertificateAndKey {
  std::vector<X509Ptr> chain;  ///< leaf first, then intermediates in file order
  PkeyPtr key;
};

/// The certificates in `pem`; none is an error.
std::expected<std::vector<X509Ptr>, std::string> parse_certificates(const std::string& pem);
/// The private key in `pem`; encrypted keys are an error (nobody is there to type a password).
std::expected<PkeyPtr, std::string> parse_key(const std::string& pem);
/// Both, and that they belong together.
std::expected<CertificateAndKey, std::string> parse_pair(const std::string& certificate_pem,
                                                         const std::string& key_pem);

/// "CN=web1, O=Example" on one line.
std::string subject_of(const x509_st& certificate);
std::string issuer_of(const x509_st& certificate);
/// "2026-11-25 05:19:33 UTC"
std::string not_before_of(const x509_st& certificate);
std::string not_after_of(const x509_st& certificate);
bool is_expired(const x509_st& certificate);
/// dNSName entries of the subjectAltName, lower case, as they stand there ("*.example.org").
std::vector<std::string> dns_names_of(const x509_st& certificate);
/// dNSName and iPAddress entries for messages: "web1.internal, 10.0.0.11"; "none" if there are none.
std::string alternative_names_text(const x509_st& certificate);
/// The subject's common name, empty if none.
std::string common_name_of(const x509_st& certificate);

}  // namespace reseal::tls
