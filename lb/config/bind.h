// What a frontend listens on, and what is asked of the connections that come in there: parts of the model (model.h). Plain
// values, comparable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lb/config/place.h"
#include "tls/server_settings.h"

namespace reseal::config {

enum class TlsVersion : std::uint8_t { kTls12, kTls13 };

/// What a client's TLS may look like and what the client is asked for.
struct TlsSettings {
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  std::string ciphers;       ///< TLS 1.2 list in OpenSSL's form; empty: Mozilla intermediate
  std::string ciphersuites;  ///< TLS 1.3; empty: OpenSSL's default three
  /// protocols offered, in this order; empty (the default of mode: tcp): whatever the client names is let pass
  std::vector<std::string> alpn{"h2", "http/1.1"};
  std::string curves;        ///< of the key exchange, OpenSSL's form; empty: X25519, P-256, P-384
  tls::ClientTrust clients;  ///< client_certificates; its paths are absolute after loading
  bool operator==(const TlsSettings&) const = default;
};

/// A certificate for names that are said instead of found in it, or with settings of its own (a line of a crt-list).
struct ListedCertificate {
  std::string file;
  Place place;
  std::vector<std::string> names;  ///< as tls::ListedCertificate
  std::optional<TlsSettings> settings;
  bool operator==(const ListedCertificate&) const = default;
};

/// tls: of a frontend, or of one of its binds.
struct ServerTls : TlsSettings {
  /// files (PEM: chain and key) or folders of such, absolute after loading
  std::vector<std::string> certificates;
  std::vector<Place> certificate_places;
  std::vector<ListedCertificate> listed;  ///< behind those
  bool whole_folders = false;             ///< folders are taken whole, not only their *.pem
  bool strict_names = false;              ///< names that no certificate is for are refused
  bool client_preference = false;         ///< the client's order of ciphers decides
  bool session_tickets = true;
  Place place;
  bool operator==(const ServerTls&) const = default;
};

/// What a bind has in place of its frontend's tls.
enum class BindTls : std::uint8_t { kOfFrontend, kOff, kOwn };

enum class BindKind : std::uint8_t { kAddress, kDescriptor, kUnix, kAbstract };

/// Settings of a listening socket as such.
struct SocketSettings {
  int backlog = 0;                            ///< 0: as many as the system lets
  std::string interface;                      ///< empty: any
  int segment_size = 0;                       ///< mss; 0: the system's
  int user_timeout = 0;                       ///< tcp-ut, in milliseconds; 0: the system's
  bool fast_open = false;                     ///< tfo
  bool defer_accept = false;                  ///< connections are seen once they have sent something
  std::optional<unsigned> mode, user, group;  ///< of a unix socket's file
  bool operator==(const SocketSettings&) const = default;
};

/// One listening address: "*:443", "127.0.0.1:8443", "[::]:443". Port 0 lets the system choose (tests).
struct Bind {
  std::string host;  ///< "*" for every IPv4 address; kUnix, kAbstract: path or name
  std::uint16_t port = 0;
  Place place{};
  BindTls tls = BindTls::kOfFrontend;
  ServerTls own_tls{};  ///< with kOwn
  /// as Frontend::accept_proxy, in place of it; none: the frontend's holds
  std::optional<std::vector<std::string>> accept_proxy{};
  BindKind kind = BindKind::kAddress;
  int descriptor = -1;  ///< kDescriptor: inherited, bound already
  SocketSettings socket{};
  int number =
      0;  ///< id: what stands for the client's port where it has none; 0: its place among the frontend's
  std::string name{};  ///< in lines about failed handshakes in place of the number; empty: none
  bool h2c = false;    ///< as Frontend::h2c, here only
  /// As written, normalised: host:port, "unix@/run/web.sock", "abns@web", "fd@3".
  [[nodiscard]] std::string text() const;
  bool operator==(const Bind&) const = default;
};

}  // namespace reseal::config
