// What a TLS connection of a client may look like and what the client is asked for: for a whole ServerContext, or for single
// certificates of it. Plain values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tls/tls_problem.h"

namespace reseal::tls {

enum class ClientCertificate : std::uint8_t { kNotAsked, kOptional, kRequired };

/// Errors of verification (X509_V_ERR_*) that let a client pass all the same.
struct IgnoredErrors {
  bool all = false;
  std::vector<int> numbers;
  bool operator==(const IgnoredErrors&) const = default;
};

/// In place of a file: the issuers that this machine trusts.
inline constexpr const char* kSystemCa = "@system-ca";

struct ClientTrust {
  ClientCertificate certificate = ClientCertificate::kNotAsked;
  std::string ca;         ///< PEM file of accepted issuers, whose names clients are told; or kSystemCa
  std::string silent_ca;  ///< PEM file of accepted issuers whose names are not told
  std::string revoked;    ///< PEM file of revocation lists; every issuer of a chain must have one
  bool names_issuers = true;
  IgnoredErrors ignored_of_client;   ///< about the client's own certificate
  IgnoredErrors ignored_of_issuers;  ///< about those above it
  bool operator==(const ClientTrust&) const = default;
};

struct ServerSettings {
  TlsVersion min_version = TlsVersion::kTls12;
  TlsVersion max_version = TlsVersion::kTls13;
  std::string ciphers;
  std::string ciphersuites;
  std::string groups;             ///< of the key exchange, OpenSSL's form; empty: X25519, P-256, P-384
  std::vector<std::string> alpn;  ///< in our order of preference; empty: ALPN is ignored
  ClientTrust clients;
  bool operator==(const ServerSettings&) const = default;
};

/// A certificate for names that are said instead of found in it, or with settings of its own.
struct ListedCertificate {
  std::string file;  ///< as ServerContextOptions::certificates
  std::vector<std::string>
      names;  ///< lower case, "*.example.org", "!www.example.org" (not that one); empty: its own
  std::optional<ServerSettings> settings;  ///< in place of those of the context
  bool operator==(const ListedCertificate&) const = default;
};

}  // namespace reseal::tls
