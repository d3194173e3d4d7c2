// AES in GCM (NIST SP 800-38D) for values that come and go encrypted. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace reseal::tls {

inline constexpr std::size_t kAesGcmTag = 16;

/// `key` has 16, 24 or 32 bytes. As many bytes as `plain` has go to `out`, and kAesGcmTag to `tag`. False: OpenSSL does not take
/// the key or the nonce.
bool aes_gcm_encrypt(std::string_view key, std::string_view nonce, std::string_view plain, char* out,
                     char* tag);
/// As many bytes as `sealed` has go to `out`. False: it is not what was encrypted with that key and nonce; `out` is then of no use.
bool aes_gcm_decrypt(std::string_view key, std::string_view nonce, std::string_view tag,
                     std::string_view sealed, char* out);

}  // namespace reseal::tls
