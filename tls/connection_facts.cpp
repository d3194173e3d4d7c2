#include "tls/connection_facts.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>

#include "tls/openssl_ptr.h"

namespace reseal::tls {
namespace {

std::string bytes(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

std::string_view text_or_empty(const char* text) {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

CertificateFacts::Name read_name(const X509_NAME* name) {
  CertificateFacts::Name parts;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    const ASN1_OBJECT* object = X509_NAME_ENTRY_get_object(entry);
    std::array<char, 80> dotted{};
    const int nid = OBJ_obj2nid(object);
    if (nid == NID_undef) OBJ_obj2txt(dotted.data(), dotted.size(), object, 1);
    const ASN1_STRING* value = X509_NAME_ENTRY_get_data(entry);
    parts.emplace_back(
        nid == NID_undef ? dotted.data() : OBJ_nid2sn(nid),
        bytes(ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))));
  }
  return parts;
}

std::string read_time(const ASN1_TIME* time) {
  const std::string text =
      bytes(ASN1_STRING_get0_data(time), static_cast<std::size_t>(ASN1_STRING_length(time)));
  // A year of four digits (RFC 5280 4.1.2.5.2), as HAProxy shows it, has two.
  return text.size() > 13 ? text.substr(2) : text;
}

CertificateFacts read_certificate(X509& certificate) {
  CertificateFacts facts;
  facts.subject = read_name(X509_get_subject_name(&certificate));
  facts.issuer = read_name(X509_get_issuer_name(&certificate));
  const ASN1_INTEGER* serial = X509_get0_serialNumber(&certificate);
  facts.serial = bytes(ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial)));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha1(), digest.data(), &size) == 1)
    facts.sha1 = bytes(digest.data(), size);
  unsigned char* der = nullptr;
  const int der_size = i2d_X509(&certificate, &der);
  if (der_size > 0) {
    facts.der = bytes(der, static_cast<std::size_t>(der_size));
    OPENSSL_free(der);
  }
  facts.not_before = read_time(X509_get0_notBefore(&certificate));
  facts.not_after = read_time(X509_get0_notAfter(&certificate));
  const ASN1_OBJECT* key = nullptr;
  X509_PUBKEY_get0_param(const_cast<ASN1_OBJECT**>(&key), nullptr, nullptr, nullptr,
                         X509_get_X509_PUBKEY(&certificate));
  facts.key_algorithm = text_or_empty(OBJ_nid2sn(OBJ_obj2nid(key)));
  facts.signature_algorithm = text_or_empty(OBJ_nid2sn(X509_get_signature_nid(&certificate)));
  facts.version = static_cast<int>(X509_get_version(&certificate)) + 1;
  return facts;
}

/// "RSA2048".
std::string key_text(const X509& certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(&certificate);
  if (key == nullptr) return {};
  const int kind = EVP_PKEY_get_base_id(key);
  const char* name = kind == EVP_PKEY_RSA   ? "RSA"
                     : kind == EVP_PKEY_EC  ? "EC"
                     : kind == EVP_PKEY_DSA ? "DSA"
                                            : "";
  return *name != '\0' ? name + std::to_string(EVP_PKEY_get_bits(key)) : std::string();
}

}  // namespace

ConnectionFacts read_facts(ssl_st& ssl) {
  ConnectionFacts facts;
  facts.version = text_or_empty(SSL_get_version(&ssl));
  facts.cipher = text_or_empty(SSL_get_cipher_name(&ssl));
  facts.key_bits = SSL_get_cipher_bits(&ssl, nullptr);
  facts.sni = text_or_empty(SSL_get_servername(&ssl, TLSEXT_NAMETYPE_host_name));
  const unsigned char* alpn = nullptr;
  unsigned int alpn_size = 0;
  SSL_get0_alpn_selected(&ssl, &alpn, &alpn_size);
  if (alpn_size != 0) facts.alpn = bytes(alpn, alpn_size);
  facts.is_resumed = SSL_session_reused(&ssl) == 1;
  if (const SSL_SESSION* session = SSL_get0_session(&ssl)) {
    unsigned int size = 0;
    const unsigned char* id = SSL_SESSION_get_id(session, &size);
    facts.session_id = bytes(id, size);
  }
  std::array<char, 64> finished{};
  const std::size_t size = facts.is_resumed ? SSL_get_finished(&ssl, finished.data(), finished.size())
                                            : SSL_get_peer_finished(&ssl, finished.data(), finished.size());
  facts.unique_id.assign(finished.data(), std::min(size, finished.size()));
  if (const X509* own = SSL_get_certificate(&ssl)) {
    facts.own_key = key_text(*own);
    facts.own_signature = text_or_empty(OBJ_nid2sn(X509_get_signature_nid(own)));
  }
  facts.verify_result = SSL_get_verify_result(&ssl);
  if (X509* certificate = SSL_get0_peer_certificate(&ssl)) {
    facts.has_certificate = true;
    facts.certificate = read_certificate(*certificate);
  }
  return facts;
}

}  // namespace reseal::tls
