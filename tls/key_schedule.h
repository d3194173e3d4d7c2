// The two functions that TLS 1.3 derives all its secrets with (RFC 8446 7.1, RFC 5869), on OpenSSL's SHA-256 and SHA-384,
// without looking up algorithms and without allocating: OpenSSL 3.0's own spend more on that than on hashing, some 25
// times a handshake. Used by OpenSSL itself, through key_schedule_provider. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace reseal::tls {

using Bytes = std::span<const unsigned char>;

class KeySchedule {
 public:
  /// By the name OpenSSL gives it ("SHA256", "SHA2-256", ...); null: no hash of a TLS 1.3 cipher suite.
  static const KeySchedule* of(std::string_view digest);

  [[nodiscard]] std::size_t hash_size() const { return hash_size_; }
  /// HKDF-Extract. `out` takes hash_size() bytes. An empty salt or key counts as zeros, as RFC 8446 has it.
  void extract(Bytes salt, Bytes key, unsigned char* out) const { extract_(salt, key, out); }
  /// HKDF-Expand-Label with the label's parts as on the wire ("tls13 " and what follows it). False: something is longer
  /// than its length on the wire can say, or more is asked for than HKDF gives; `out` is untouched then.
  bool expand_label(Bytes secret, std::string_view prefix, std::string_view label, Bytes context,
                    std::span<unsigned char> out) const;
  /// The hash of nothing, the context of the label "derived".
  [[nodiscard]] Bytes hash_of_nothing() const { return {hash_of_nothing_, hash_size_}; }

 private:
  using Extract = void (*)(Bytes salt, Bytes key, unsigned char* out);
  using Expand = void (*)(Bytes secret, Bytes info, std::span<unsigned char> out);
  template <typename Hash>
  static KeySchedule with();
  KeySchedule() = default;

  Extract extract_;
  Expand expand_;
  std::size_t hash_size_;
  unsigned char hash_of_nothing_[48];
};

}  // namespace reseal::tls
