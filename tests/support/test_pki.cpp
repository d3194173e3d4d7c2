#include "tests/support/test_pki.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>

namespace reseal::test {
namespace {

constexpr long kDay = 24L * 60 * 60;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "test certificates: %s failed\n", what);
  std::abort();
}

tls::PkeyPtr new_key(KeyKind kind) {
  const std::size_t bits = kind == KeyKind::kRsa ? 2048 : 1024;
  tls::PkeyPtr key(kind == KeyKind::kEcdsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                                           : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
  require(key != nullptr, "making a key");
  return key;
}

void add_extension(X509& certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension != nullptr, value.c_str());
  X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// Version, serial number, subject and validity; issuer, extensions and signature are to follow.
tls::X509Ptr new_certificate(const std::string& common_name, int from_days, int until_days, EVP_PKEY& key) {
  tls::X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  std::uint64_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1, "a random number");
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), until_days * kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_pubkey(certificate.get(), &key);
  return certificate;
}

std::string contents_of(BIO& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509& certificate) {
  const tls::BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), &certificate);
  return contents_of(*bio);
}

/// `password` may be null: not encrypted.
std::string pem_of(const EVP_PKEY& key, const char* password) {
  const tls::BioPtr bio(BIO_new(BIO_s_mem()));
  const std::string_view secret(password != nullptr ? password : "");
  PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, password != nullptr ? EVP_aes_128_cbc() : nullptr,
                                secret.data(), static_cast<int>(secret.size()), nullptr, nullptr);
  return contents_of(*bio);
}

}  // namespace

TestPki::TestPki(const std::string& name)
    : root_(make_authority(name, nullptr)),
      intermediate_(make_authority(name + " Intermediate", &root_)),
      ca_file_(folder_.write("ca.pem", pem_of(*root_.certificate))) {}

TestPki::Authority TestPki::make_authority(const std::string& name, const Authority* issuer) {
  Authority made{nullptr, new_key(KeyKind::kEcdsa)};
  made.certificate = new_certificate(name, -2, 365, *made.key);
  const Authority& signer = issuer != nullptr ? *issuer : made;
  X509& certificate = *made.certificate;
  X509_set_issuer_name(&certificate, X509_get_subject_name(signer.certificate.get()));
  add_extension(certificate, signer.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, signer.certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, signer.certificate.get(), NID_subject_key_identifier, "hash");
  require(X509_sign(&certificate, signer.key.get(), EVP_sha256()) > 0, "signing an authority");
  return made;
}

TestPki::Pem TestPki::issue(const CertificateRequest& request) const {
  const Authority& issuer = request.from_intermediate ? intermediate_ : root_;
  const tls::PkeyPtr key = new_key(request.key);
  const tls::X509Ptr leaf =
      new_certificate(request.common_name, request.valid_from_days, request.valid_until_days, *key);
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer.certificate.get()));
  add_extension(*leaf, issuer.certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(*leaf, issuer.certificate.get(), NID_ext_key_usage, request.usage);
  add_extension(*leaf, issuer.certificate.get(), NID_authority_key_identifier, "keyid");
  if (!request.alternative_names.empty()) {
    add_extension(*leaf, issuer.certificate.get(), NID_subject_alt_name, request.alternative_names);
  }
  require(X509_sign(leaf.get(), issuer.key.get(), EVP_sha256()) > 0, "signing a certificate");
  std::string chain = pem_of(*leaf);
  if (request.from_intermediate) chain += pem_of(*intermediate_.certificate);
  return {std::move(chain), pem_of(*key, nullptr), pem_of(*key, "a password")};
}

std::string TestPki::issue_file(const std::string& file, const CertificateRequest& request) const {
  const Pem pem = issue(request);
  return folder_.write(file, pem.chain + pem.key);
}

}  // namespace reseal::test
