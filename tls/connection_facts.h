// What rules and logs may want to know of a client's TLS connection and certificate, read out of OpenSSL once. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct ssl_st;

namespace reseal::tls {

struct CertificateFacts {
  using Name = std::vector<
      std::pair<std::string, std::string>>;  ///< "CN", "client.example": in the certificate's order

  Name subject, issuer;
  std::string serial, sha1, der;      ///< bytes
  std::string not_before, not_after;  ///< "YYMMDDhhmmssZ"
  std::string key_algorithm, signature_algorithm;
  int version = 0;  ///< 3 for X.509v3
};

struct ConnectionFacts {
  std::string_view version, cipher;  ///< OpenSSL's own texts
  std::string sni, alpn;
  int key_bits = 0;
  bool is_resumed = false;
  std::string session_id, unique_id;  ///< bytes
  std::string own_key;                ///< of our certificate: "EC256"
  std::string own_signature;          ///< of the same: "ecdsa-with-SHA256"
  bool has_certificate = false;
  std::int64_t verify_result = 0;  ///< OpenSSL's number; 0: as it should be
  CertificateFacts certificate;
};

/// Of a connection whose handshake is complete. Allocates.
ConnectionFacts read_facts(ssl_st& ssl);

}  // namespace reseal::tls
