#include "tls/context_options.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tls/key_schedule_provider.h"
#include "tls/openssl_error.h"

namespace reseal::tls {
namespace {

// Mozilla's "intermediate" list, guideline 5.7: forward secrecy and AEAD only.
constexpr const char* kIntermediateCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
// The same list's TLS 1.3 part. OpenSSL's own begins with AES-256 and SHA-384, which cost a fifth more a byte and, for the
// hashes of a handshake, several times as much where the processor has SHA-256 in hardware.
constexpr const char* kSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";

}  // namespace

int version_number(TlsVersion version) {
  return version == TlsVersion::kTls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
}

std::expected<SslCtxPtr, std::string> new_context(const ssl_method_st& method) {
  install_key_schedule();
  clear_openssl_errors();
  SslCtxPtr context(SSL_CTX_new_ex(nullptr, kOwnKeySchedule, &method));
  if (context == nullptr) return std::unexpected("OpenSSL gives no TLS context: " + take_openssl_error());
  return context;
}

std::expected<void, std::string> apply_common_options(const CommonOptions& options, ssl_ctx_st& context) {
  clear_openssl_errors();
  SSL_CTX_set_min_proto_version(&context, version_number(options.min_version));
  SSL_CTX_set_max_proto_version(&context, version_number(options.max_version));
  const std::string ciphers = options.ciphers.empty() ? kIntermediateCiphers : options.ciphers;
  if (SSL_CTX_set_cipher_list(&context, ciphers.c_str()) != 1) {
    return std::unexpected("ciphers: '" + ciphers +
                           "' names no cipher OpenSSL knows: " + take_openssl_error());
  }
  const std::string suites = options.ciphersuites.empty() ? kSuites : options.ciphersuites;
  if (SSL_CTX_set_ciphersuites(&context, suites.c_str()) != 1) {
    return std::unexpected(
        "ciphersuites: '" + suites +
        "' is no list of TLS 1.3 suites (TLS_AES_128_GCM_SHA256:...): " + take_openssl_error());
  }
  const std::string groups = options.groups.empty() ? kGroups : options.groups;
  if (SSL_CTX_set1_groups_list(&context, groups.c_str()) != 1) {
    return std::unexpected("curves: '" + groups + "' is no list of groups OpenSSL knows (X25519:P-256:...)");
  }
  // Our order decides, but for a client that puts ChaCha20 first: that one has no AES in hardware.
  SSL_CTX_set_options(&context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // What is sent is what stands in the certificate's file: no chain is searched for, and verified, in every
  // handshake.
  SSL_CTX_set_mode(&context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_read_ahead(&context, 1);
  return {};
}

std::expected<void, std::string> use_pair(const CertificateAndKey& pair, ssl_ctx_st& context) {
  // None rather than an empty one, which every connection would copy.
  STACK_OF(X509)* chain = pair.chain.size() > 1 ? sk_X509_new_null() : nullptr;
  for (std::size_t i = 1; i < pair.chain.size(); ++i) sk_X509_push(chain, pair.chain[i].get());
  clear_openssl_errors();
  const int used = SSL_CTX_use_cert_and_key(&context, pair.chain.front().get(), pair.key.get(), chain, 0);
  sk_X509_free(chain);
  if (used != 1) return std::unexpected("OpenSSL does not take it: " + take_openssl_error());
  return {};
}

std::expected<void, std::string> accept_issuers(const std::string& pem, ssl_ctx_st& context) {
  auto certificates = parse_certificates(pem);
  if (!certificates) return std::unexpected(certificates.error());
  X509_STORE* store = SSL_CTX_get_cert_store(&context);
  for (const X509Ptr& certificate : *certificates) {
    // OpenSSL reads a certificate's extensions on first use and keeps them in it: here, before threads share
    // it.
    X509_check_purpose(certificate.get(), -1, 0);
    X509_STORE_add_cert(store, certificate.get());
  }
  clear_openssl_errors();
  return {};
}

std::string fingerprint(const std::string& bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest), size};
}

}  // namespace reseal::tls
