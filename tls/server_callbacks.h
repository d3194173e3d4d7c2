// What OpenSSL asks of a ServerContext during handshakes. Only for .cpp files of this folder.
#pragma once

#include <openssl/ssl.h>

#include <string_view>

#include "tls/server_context.h"

namespace reseal::tls {

/// OpenSSL's callbacks; each finds its slot in the SSL_CTX's app data.
struct ServerCallbacks {
  using Slot = ServerContext::Slot;

  static int on_server_name(SSL* ssl, int* alert, void*);
  /// In place of on_server_name where slots differ in more than their certificates: what they ask of clients has to hold
  /// before a session is resumed.
  static int on_client_hello(SSL* ssl, int* alert, void*);
  /// Beside on_client_hello: the session remembers the name, which TLS 1.2 tells from there when it is resumed.
  static int keep_server_name(SSL* ssl, int* alert, void*);
  static int on_alpn(SSL* ssl, const unsigned char** chosen, unsigned char* length,
                     const unsigned char* offered, unsigned int offered_length, void*);
  static int on_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                           EVP_MAC_CTX* mac, int seal);

 private:
  static const Slot& slot_of(SSL* ssl);
  /// Null: a client that asks for this is refused.
  static const Slot* slot_for(const ServerContext& context, std::string_view name);
};

}  // namespace reseal::tls
