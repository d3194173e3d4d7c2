// Certificates for tests, made on the spot in a folder of their own that goes away with the object: nothing
// that is checked in can expire. Any thread, one at a time.
#pragma once

#include <string>

#include "tests/support/temporary_folder.h"
#include "tls/openssl_ptr.h"

namespace reseal::test {

enum class KeyKind { kEcdsa, kRsa, kWeakRsa };

struct CertificateRequest {
  std::string common_name;
  std::string alternative_names;  ///< OpenSSL's form: "DNS:web1.internal,IP:10.0.0.11"; empty: no extension
  KeyKind key = KeyKind::kEcdsa;  ///< P-256, RSA 2048 or RSA 1024
  int valid_from_days = -1;       ///< from today
  int valid_until_days = 30;
  std::string usage = "serverAuth,clientAuth";
  bool from_intermediate = false;  ///< issued by the intermediate authority, which is then part of the chain
};

/// A certificate authority with an intermediate one under it.
class TestPki {
 public:
  explicit TestPki(const std::string& name = "Test CA");

  /// PEM file of the root: what a verifier trusts.
  [[nodiscard]] const std::string& ca_file() const { return ca_file_; }
  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

  struct Pem {
    std::string chain;  ///< leaf first
    std::string key;
    std::string encrypted_key;  ///< the same key under a password
  };
  [[nodiscard]] Pem issue(const CertificateRequest& request) const;
  /// The same as one file (chain and key) in the folder; returns its path.
  [[nodiscard]] std::string issue_file(const std::string& file, const CertificateRequest& request) const;

 private:
  struct Authority {
    tls::X509Ptr certificate;
    tls::PkeyPtr key;
  };
  static Authority make_authority(const std::string& name, const Authority* issuer);

  TemporaryFolder folder_;
  Authority root_;
  Authority intermediate_;
  std::string ca_file_;
};

}  // namespace reseal::test
