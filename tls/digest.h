// A digest of OpenSSL's by its name ("sha256"), and the keyed hash (HMAC, RFC 2104) that is made of it. A plain value;
// immutable; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_st;

namespace reseal::tls {

class Digest {
 public:
  static constexpr std::size_t kMostBytes = 64;

  /// Nothing if OpenSSL knows none of that name, or has it without the means to compute it.
  static std::optional<Digest> find(const std::string& name);

  /// Writes at most kMostBytes to `out`: how many. 0: OpenSSL failed.
  std::size_t hash(std::string_view data, char* out) const;
  std::size_t keyed_hash(std::string_view key, std::string_view data, char* out) const;

 private:
  explicit Digest(const evp_md_st* digest) : digest_(digest) {}
  const evp_md_st* digest_;  // OpenSSL's own, for as long as the process lives
};

/// Whether both are the same; the time says nothing of where they differ.
bool same_secret(std::string_view a, std::string_view b);

}  // namespace reseal::tls
