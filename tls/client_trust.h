// Asking clients for certificates: the files that say whose are accepted, and what OpenSSL is told of them. Control thread,
// blocking. Only for .cpp files of this folder.
#pragma once

#include <expected>
#include <string>

#include "tls/openssl_ptr.h"
#include "tls/server_settings.h"

namespace reseal::tls {

class ClientTrustFiles {
 public:
  /// Reads the files; nothing where clients are asked for nothing. The problem names the file.
  static std::expected<ClientTrustFiles, TlsProblem> read(const ClientTrust& trust);

  /// Everything that decides who is accepted, for fingerprints: sessions must not outlive it.
  [[nodiscard]] std::string inputs() const;
  /// For an SSL_CTX of a server whose callbacks find `trust` again by verified_trust().
  [[nodiscard]] std::expected<void, TlsProblem> apply(ssl_ctx_st& context) const;

 private:
  ClientTrust trust_;
  std::string ca_;
  std::string silent_ca_;
  std::string revoked_;
};

}  // namespace reseal::tls
