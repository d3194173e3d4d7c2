// A keyed hash (HMAC-SHA256, RFC 2104): text that only the holder of the secret can make from a name, and that
// tells nobody else anything about it. Immutable; any thread.
#pragma once

#include <string>
#include <string_view>

namespace reseal::tls {

/// Bytes that nobody can guess. Ends the process when OpenSSL has no random numbers.
std::string random_secret();

class KeyedHash {
 public:
  /// With a random secret of its own. Ends the process when OpenSSL has no random numbers.
  KeyedHash() : secret_(random_secret()) {}
  /// With this secret: whoever has the same one makes the same texts.
  explicit KeyedHash(std::string secret) : secret_(std::move(secret)) {}
  ~KeyedHash();  // leaves nothing of the secret in memory
  KeyedHash(const KeyedHash&) = delete;
  KeyedHash& operator=(const KeyedHash&) = delete;

  /// The first `bytes` (at most 32) of the hash of `message`, as twice as many hexadecimal digits. Ends the
  /// process when OpenSSL has no SHA-256. Takes some microseconds: for the control thread.
  [[nodiscard]] std::string hex(std::string_view message, std::size_t bytes) const;

 private:
  std::string secret_;
};

}  // namespace reseal::tls
