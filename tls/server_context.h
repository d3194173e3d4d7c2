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
#include "tls/server_settings.h"
#include "tls/ticket_keys.h"
#include "tls/tls_problem.h"

namespace reseal::tls {

struct ServerContextOptions : ServerSettings {
  /// PEM files (chain and key; or FILE.key, or .key beside it; or FILE.rsa and FILE.ecdsa), or folders of such
  std::vector<std::string> certificates;
  std::vector<ListedCertificate> listed;  ///< behind those; the first of all is the default
  bool whole_folders = false;             ///< folders are taken whole, as HAProxy does, not only their *.pem
  bool strict_names = false;       ///< a client that names nobody we know, or nobody at all, is refused
  bool client_preference = false;  ///< the client's order of ciphers decides
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

  /// What a set of names is served with.
  struct Slot {
    const ServerContext* owner;
    SslCtxPtr context;
    std::string alpn;  // wire format
    std::string groups;
    TlsVersion min_version, max_version;
  };

  std::vector<std::unique_ptr<Slot>> slots_;  // [0] is the default
  CertificateStore names_;
  bool strict_names_ = false;
  std::shared_ptr<TicketKeys> ticket_keys_;
  bool issues_tickets_ = false;
  std::string fingerprint_;
  std::vector<TlsProblem> warnings_;
};

}  // namespace reseal::tls
