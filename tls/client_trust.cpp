#include "tls/client_trust.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>

#include "tls/context_options.h"
#include "tls/openssl_error.h"
#include "tls/pem.h"
#include "tls/revocations.h"

namespace reseal::tls {
namespace {

bool is_ignored(const IgnoredErrors& ignored, int error) {
  return ignored.all || std::ranges::find(ignored.numbers, error) != ignored.numbers.end();
}

/// Where an SSL_CTX keeps what its verification passes over.
int trust_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* kept, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<ClientTrust*>(kept); });
  return index;
}

int on_verify(int ok, X509_STORE_CTX* store) {
  if (ok == 1) return 1;
  const auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* trust =
      static_cast<const ClientTrust*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), trust_index()));
  const bool of_client = X509_STORE_CTX_get_error_depth(store) == 0;
  const IgnoredErrors& ignored = of_client ? trust->ignored_of_client : trust->ignored_of_issuers;
  return is_ignored(ignored, X509_STORE_CTX_get_error(store)) ? 1 : 0;
}

/// Names of the certificates in `pem`, for the client to choose one of its own by.
STACK_OF(X509_NAME) * names_in(const std::string& pem) {
  STACK_OF(X509_NAME)* names = sk_X509_NAME_new_null();
  const auto certificates = parse_certificates(pem);
  if (!certificates) return names;  // told by accept_issuers
  for (const X509Ptr& certificate : *certificates) {
    sk_X509_NAME_push(names, X509_NAME_dup(X509_get_subject_name(certificate.get())));
  }
  return names;
}

std::string text_of(const IgnoredErrors& ignored) {
  std::string text = ignored.all ? "all" : "";
  for (const int number : ignored.numbers) text += ',' + std::to_string(number);
  return text;
}

}  // namespace

std::expected<ClientTrustFiles, TlsProblem> ClientTrustFiles::read(const ClientTrust& trust) {
  ClientTrustFiles files;
  files.trust_ = trust;
  if (trust.certificate == ClientCertificate::kNotAsked) return files;
  for (const auto& [path, text] :
       {std::pair{&trust.ca, &files.ca_}, std::pair{&trust.silent_ca, &files.silent_ca_},
        std::pair{&trust.revoked, &files.revoked_}}) {
    if (path->empty() || *path == kSystemCa) continue;
    auto read = read_file(*path);
    if (!read) return std::unexpected(TlsProblem{*path, 0, read.error()});
    *text = std::move(*read);
  }
  return files;
}

std::string ClientTrustFiles::inputs() const {
  if (trust_.certificate == ClientCertificate::kNotAsked) return "";
  return std::to_string(static_cast<int>(trust_.certificate)) + '\0' + ca_ + '\0' + silent_ca_ + '\0' +
         revoked_ + '\0' + (trust_.names_issuers ? "n" : "-") + text_of(trust_.ignored_of_client) + '\0' +
         text_of(trust_.ignored_of_issuers) + '\0';
}

std::expected<void, TlsProblem> ClientTrustFiles::apply(ssl_ctx_st& context) const {
  if (trust_.certificate == ClientCertificate::kNotAsked) return {};
  for (const auto& [path, text] : {std::pair{&trust_.ca, &ca_}, std::pair{&trust_.silent_ca, &silent_ca_}}) {
    if (path->empty()) continue;
    if (*path == kSystemCa) {
      SSL_CTX_set_default_verify_paths(&context);
      continue;
    }
    if (const auto accepted = accept_issuers(*text, context); !accepted)
      return std::unexpected(TlsProblem{*path, 0, accepted.error()});
  }
  if (!ca_.empty() && trust_.names_issuers) SSL_CTX_set_client_CA_list(&context, names_in(ca_));
  if (!trust_.revoked.empty()) {
    if (const auto added = add_revocations(revoked_, *SSL_CTX_get_cert_store(&context)); !added)
      return std::unexpected(TlsProblem{trust_.revoked, 0, added.error()});
  }
  SSL_CTX_set_ex_data(&context, trust_index(), new ClientTrust(trust_));
  const bool is_required = trust_.certificate == ClientCertificate::kRequired;
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | (is_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     on_verify);
  return {};
}

}  // namespace reseal::tls
