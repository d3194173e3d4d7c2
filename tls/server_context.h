// How a frontend presents itself: certificates by name, versions, ciphers, ALPN, tickets. Immutable once
// made; shared by generations and workers; a changed certificate is a new context. Any thread.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tls/certificate_store.h"
#include "tls/openssl_ptr.h"
#include "tls/ticket_keys.h"
#include "tls/tls_problem.h"

namespace reseal::tls {

struct ServerContextOptions {
  std::vector<std::string>
      certificates;  ///< PEM files (chain and key; or FILE.key, or .key beside it), or folders of *.pem
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  std::string ciphers;
  std::string ciphersuites;
  std::vector<std::string> alpn;  ///< in our order of preference; empty: ALPN is ignored
  bool session_tickets = true;
  std::string session_id_context;  ///< a session resumes only where this is the same (the frontend's name)

  bool operator==(const ServerContextOptions&) const = default;
};

class ServerContext {
 public:
  /// Reads and checks everything (blocking). Returns `previous` itself when no input, file contents included,
  /// differs. Every problem that prevents it is reported, not the first only.
  static std::expected<std::shared_ptr<const ServerContext>, std::vector<TlsProblem>> create(
      const ServerContextOptions& options, std::shared_ptr<TicketKeys> ticket_keys,
      const std::shared_ptr<const ServerContext>& previous);

  /// Things that work but should be looked at: an expired certificate.
  [[nodiscard]] const std::vector<TlsProblem>& warnings() const { return warnings_; }
  /// A new SSL in the role of the server. Null when OpenSSL is out of memory.
  [[nodiscard]] SslPtr new_ssl() const;
  /// TLS 1.3: to be sent by SSL_new_session_ticket(), none comes by itself.
  [[nodiscard]] bool issues_tickets() const { return issues_tickets_; }

 private:
  friend class ServerContextBuilder;
  friend struct ServerCallbacks;
  ServerContext() = default;

  std::vector<SslCtxPtr> contexts_;  // one a set of names; [0] is the default
  CertificateStore names_;
  std::string alpn_;  // wire format
  std::shared_ptr<TicketKeys> ticket_keys_;
  bool issues_tickets_ = false;
  std::string fingerprint_;
  std::vector<TlsProblem> warnings_;
};

}  // namespace reseal::tls
