// A public key that signatures of others are verified with. Immutable; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace reseal::tls {

class PublicKey {
 public:
  enum class Kind : std::uint8_t {
    kRsa,   ///< signatures as in PKCS #1 v1.5
    kEcdsa  ///< signatures are two numbers of one length in a row (RFC 7518 3.4)
  };

  /// Of a PEM text with a public key or a certificate; null if it has neither.
  static std::shared_ptr<const PublicKey> parse(std::string_view pem);

  /// Whether the signature of `message` was made with the key's private one, by a digest of that name. False also for another
  /// kind of key.
  [[nodiscard]] bool verifies(Kind kind, const char* digest, std::string_view message,
                              std::string_view signature) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  explicit PublicKey(evp_pkey_st* key) : key_(key) {}
  std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace reseal::tls
