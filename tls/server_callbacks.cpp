#include "tls/server_callbacks.h"

#include "tls/context_options.h"

namespace reseal::tls {
namespace {

constexpr std::size_t kNoSlot = SIZE_MAX;

/// The name in a ClientHello's extension server_name (RFC 6066 3); empty: none.
std::string_view name_in_hello(SSL* ssl) {
  constexpr std::size_t kHead = 5;  // length of the list, type, length of the name
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &bytes, &size) != 1 || size < kHead) return {};
  const std::size_t length = (std::size_t{bytes[3]} << 8) | bytes[4];
  if (bytes[2] != TLSEXT_NAMETYPE_host_name || length > size - kHead) return {};
  return {reinterpret_cast<const char*>(bytes) + kHead, length};
}

}  // namespace

const ServerCallbacks::Slot& ServerCallbacks::slot_of(SSL* ssl) {
  return *static_cast<const Slot*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
}

const ServerCallbacks::Slot* ServerCallbacks::slot_for(const ServerContext& context, std::string_view name) {
  const std::size_t found = name.empty() ? kNoSlot : context.names_.find(name, kNoSlot);
  if (found != kNoSlot) return context.slots_[found].get();
  return context.strict_names_ ? nullptr : context.slots_.front().get();
}

int ServerCallbacks::on_server_name(SSL* ssl, int* alert, void*) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  const ServerContext& context = *slot_of(ssl).owner;
  const Slot* slot = slot_for(context, name != nullptr ? name : "");
  if (slot == nullptr) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(ssl, slot->context.get());
  return SSL_TLSEXT_ERR_OK;
}

int ServerCallbacks::on_client_hello(SSL* ssl, int* alert, void*) {
  const Slot* slot = slot_for(*slot_of(ssl).owner, name_in_hello(ssl));
  if (slot == nullptr) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  SSL_CTX* context = slot->context.get();
  // What an SSL has copied from its first SSL_CTX does not follow it to another one.
  SSL_set_verify(ssl, SSL_CTX_get_verify_mode(context), SSL_CTX_get_verify_callback(context));
  SSL_set_client_CA_list(ssl, SSL_dup_CA_list(SSL_CTX_get_client_CA_list(context)));
  SSL_set_SSL_CTX(ssl, context);
  SSL_set_min_proto_version(ssl, version_number(slot->min_version));
  SSL_set_max_proto_version(ssl, version_number(slot->max_version));
  if (!slot->groups.empty()) SSL_set1_groups_list(ssl, slot->groups.c_str());
  return SSL_CLIENT_HELLO_SUCCESS;
}

int ServerCallbacks::keep_server_name(SSL* ssl, int*, void*) {
  const bool is_named = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) != nullptr;
  return is_named ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

int ServerCallbacks::on_alpn(SSL* ssl, const unsigned char** chosen, unsigned char* length,
                             const unsigned char* offered, unsigned int offered_length, void*) {
  const std::string& ours = slot_of(ssl).alpn;
  // Another name may be served that offers nothing.
  if (ours.empty()) return SSL_TLSEXT_ERR_NOACK;
  // OpenSSL's signature is not const-correct: *out points into one of the two lists.
  unsigned char* out = nullptr;
  const int status = SSL_select_next_proto(&out, length, reinterpret_cast<const unsigned char*>(ours.data()),
                                           static_cast<unsigned int>(ours.size()), offered, offered_length);
  *chosen = out;
  // A client that speaks none of ours is refused (RFC 7301 3.2), which also stops cross-protocol attacks.
  return status == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int ServerCallbacks::on_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                                   EVP_MAC_CTX* mac, int seal) {
  return slot_of(ssl).owner->ticket_keys_->prepare(name, iv, cipher, mac, seal != 0);
}

}  // namespace reseal::tls
