// How servers of a backend are reached: whom to trust, how to identify ourselves. Immutable once made; shared
// by generations and workers. Any thread (SessionSlot: one thread).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "tls/openssl_ptr.h"
#include "tls/tls_problem.h"

namespace reseal::tls {

struct ClientContextOptions {
  std::string ca;           ///< PEM file of accepted issuers; empty: the system's store
  std::string certificate;  ///< PEM; empty: none is sent
  std::string key;          ///< PEM; empty: in `certificate`
  std::string revoked;      ///< file of revocation lists; empty: none are asked
  bool verify = true;
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  std::string ciphers;
  std::string ciphersuites;

  bool operator==(const ClientContextOptions&) const = default;
};

/// The protocols offered to a server, in our order of preference (ALPN, RFC 7301).
enum class AlpnOffer : std::uint8_t { kNone, kHttp1, kH2, kH2OrHttp1 };

/// Whom we expect at the other end.
struct PeerIdentity {
  std::string verify_host;  ///< DNS name or IP address that must stand in the certificate's SANs; empty only
                            ///< if not verified
  std::string sni;          ///< name sent; may be empty
  std::string server_name;  ///< for messages: "web/web1 (10.0.0.11:8443)"
  bool any_name = false;    ///< whoever the trusted issuers say: of checks, where the name is the request's

  /// The same machine is expected, by the same proof.
  [[nodiscard]] bool same_identity(const PeerIdentity& other) const {
    return verify_host == other.verify_host && sni == other.sni && any_name == other.any_name;
  }
};

class ClientContext {
 public:
  /// Reads and checks everything (blocking). Returns `previous` itself when no input, file contents included,
  /// differs.
  static std::expected<std::shared_ptr<const ClientContext>, std::vector<TlsProblem>> create(
      const ClientContextOptions& options, const std::shared_ptr<const ClientContext>& previous);

  [[nodiscard]] const std::vector<TlsProblem>& warnings() const { return warnings_; }
  /// A new SSL in the role of the client that verifies `peer` as configured. Null when OpenSSL fails.
  [[nodiscard]] SslPtr new_ssl(const PeerIdentity& peer, AlpnOffer offer) const;
  /// For messages: where trust comes from ("pki/ca.pem" or "the system's store").
  [[nodiscard]] std::string trust_text() const { return ca_.empty() ? "the system's store" : ca_; }
  [[nodiscard]] bool sends_certificate() const { return sends_certificate_; }
  /// The same for contexts with the same inputs, file contents included.
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }

 private:
  ClientContext() = default;
  SslCtxPtr context_;
  std::string ca_;
  std::string fingerprint_;
  bool verify_ = true;
  bool sends_certificate_ = false;
  std::vector<TlsProblem> warnings_;
};

/// The newest session with one server for each name that it is asked by, for resumption. A resumed session carries the
/// trust of the handshake it stems from, so it is offered only under the same settings (file contents included) and for the
/// same identity. Owner: a connection pool or a check; one thread.
class SessionSlot {
 public:
  /// Names in excess of these push out the one whose session is the oldest.
  static constexpr std::size_t kMostNames = 32;

  void keep(const ClientContext& context, const PeerIdentity& peer, SessionPtr session);
  /// The session to offer, null if there is none for this context and peer.
  [[nodiscard]] ssl_session_st* offer(const ClientContext& context, const PeerIdentity& peer) const;
  void forget() { kept_.clear(); }

 private:
  struct Kept {
    PeerIdentity peer;  // a copy, as the fingerprint: another may come to stand at a dead one's address
    SessionPtr session;
  };
  std::string fingerprint_;  // of the context that all of them are of
  std::vector<Kept> kept_;   // the newest last
};

}  // namespace reseal::tls
