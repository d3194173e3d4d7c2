// What a frontend listens on, and what is asked of the connections that come in there: parts of the model (model.h). Plain
// values, comparable; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lb/config/place.h"

namespace reseal::config {

enum class TlsVersion : std::uint8_t { kTls12, kTls13 };

/// tls: of a frontend, or of one of its binds.
struct ServerTls {
  /// files (PEM: chain and key) or folders of such, absolute after loading
  std::vector<std::string> certificates;
  std::vector<Place> certificate_places;
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  std::string ciphers;       ///< TLS 1.2 list in OpenSSL's form; empty: Mozilla intermediate
  std::string ciphersuites;  ///< TLS 1.3; empty: OpenSSL's default three
  /// protocols offered, in this order; empty (the default of mode: tcp): whatever the client names is let pass
  std::vector<std::string> alpn{"h2", "http/1.1"};
  bool session_tickets = true;
  Place place;
  bool operator==(const ServerTls&) const = default;
};

/// What a bind has in place of its frontend's tls.
enum class BindTls : std::uint8_t { kOfFrontend, kOff, kOwn };

/// One listening address: "*:443", "127.0.0.1:8443", "[::]:443". Port 0 lets the system choose (tests).
struct Bind {
  std::string host;  ///< "*" for every IPv4 address
  std::uint16_t port = 0;
  Place place{};
  BindTls tls = BindTls::kOfFrontend;
  ServerTls own_tls{};  ///< with kOwn
  /// as Frontend::accept_proxy, in place of it; none: the frontend's holds
  std::optional<std::vector<std::string>> accept_proxy{};
  [[nodiscard]] std::string text() const;  ///< as written, normalised: host:port
  bool operator==(const Bind&) const = default;
};

}  // namespace reseal::config
