// The keys that seal session tickets: random, in memory only, shared by every frontend and worker so that a
// client may resume anywhere; rotated so that an old ticket cannot be opened for ever. Thread-safe.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <vector>

#include "tls/openssl_ptr.h"

struct evp_cipher_ctx_st;
struct evp_mac_ctx_st;

namespace reseal::tls {

class TicketKeys {
 public:
  TicketKeys();

  /// A new key seals from now on; the two before it still open.
  void rotate();

  /// OpenSSL's SSL_CTX_set_tlsext_ticket_key_evp_cb protocol: sets up cipher and MAC to seal or open a
  /// ticket. Returns 1 (use), 2 (opened with an older key: issue a new ticket), 0 (unknown key: full
  /// handshake), -1 (failure).
  int prepare(unsigned char* key_name, unsigned char* iv, evp_cipher_ctx_st* cipher, evp_mac_ctx_st* mac,
              bool seal) const;

 private:
  struct Key {
    Key() = default;
    Key(const Key&) = default;
    Key& operator=(const Key&) = default;
    ~Key();  // leaves nothing of it in memory
    std::array<unsigned char, 16> name;
    std::array<unsigned char, 32> cipher;
    std::array<unsigned char, 32> mac;
  };
  using Keys = std::vector<Key>;  // newest first
  [[nodiscard]] std::shared_ptr<const Keys> keys() const;

  CipherPtr cipher_;  // fetched once: looking an algorithm up by name is slow in OpenSSL 3.0
  mutable std::mutex mutex_;
  std::shared_ptr<const Keys> keys_;
};

}  // namespace reseal::tls
