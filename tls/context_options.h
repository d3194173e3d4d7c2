// What server and client contexts set alike on an SSL_CTX. Only for .cpp files of this folder.
#pragma once

#include <expected>
#include <string>

#include "tls/openssl_ptr.h"
#include "tls/pem.h"
#include "tls/tls_problem.h"

namespace reseal::tls {

struct CommonOptions {
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  std::string ciphers;       ///< TLS 1.2, OpenSSL's syntax; empty: Mozilla intermediate
  std::string ciphersuites;  ///< TLS 1.3; empty: Mozilla intermediate
  std::string groups{};      ///< of the key exchange; empty: X25519, P-256, P-384
};

/// OpenSSL's number of a version.
int version_number(TlsVersion version);

/// With our own key schedule (key_schedule_provider.h). The error is OpenSSL's: its configuration on this machine forbids TLS,
/// or there is no memory.
std::expected<SslCtxPtr, std::string> new_context(const ssl_method_st& method);

/// Versions, ciphers and whose order of them counts (as a server: ours), groups, modes and options that hold for both
/// directions. The error names the setting.
std::expected<void, std::string> apply_common_options(const CommonOptions& options, ssl_ctx_st& context);

/// Presents the certificate with its chain; the context must not hold one with the same kind of key yet.
std::expected<void, std::string> use_pair(const CertificateAndKey& pair, ssl_ctx_st& context);

/// Trusts those in `pem` as issuers of the other end's certificate.
std::expected<void, std::string> accept_issuers(const std::string& pem, ssl_ctx_st& context);

/// SHA-256 of `bytes`, as raw bytes: the fingerprint of a context's inputs.
std::string fingerprint(const std::string& bytes);

}  // namespace reseal::tls
