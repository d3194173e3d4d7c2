#include "lb/proxy/proxy_introduction.h"

#include "lb/net/proxy_protocol.h"
#include "lb/proxy/connection_rules.h"

namespace reseal::proxy {
namespace {

using rules::expression::TlsFacts;

std::string_view common_name(const TlsFacts& tls) {
  std::string_view name;
  for (const auto& entry : tls.client.subject) {
    if (entry.name == "CN") name = entry.value;  // the last, as HAProxy does
  }
  return name;
}

net::ProxyTls tls_part(const net::ProxyAdditions& wanted, const TlsFacts* tls) {
  net::ProxyTls part;
  part.is_told = true;
  if (tls == nullptr) return part;
  part.used = true;
  part.version = tls->version;
  part.certificate_sent = tls->client.in_session;
  part.certificate_resumed = tls->client.in_session && !tls->client.in_handshake;
  part.certificate_verified = tls->client.in_session && tls->client.verify_result == 0;
  part.verify_result = static_cast<std::uint32_t>(tls->client.verify_result);
  if (wanted.common_name) part.common_name = common_name(*tls);
  if (wanted.key) part.key = tls->own_key;
  if (wanted.signature) part.signature = tls->own_signature;
  if (wanted.cipher) part.cipher = tls->cipher;
  return part;
}

}  // namespace

std::string_view proxy_header(const net::ProxyForm& form, bool is_tcp, const ClientFacts& client,
                              http::RequestHead& request) {
  net::ProxyHeader header;
  header.kind = net::ProxyHeader::Kind::kProxied;
  header.source = *client.source;
  header.destination = *client.destination;
  if (!form.additions) {
    if (is_tcp) header.authority = request.authority;
    return request.arena.copy(net::write_proxy_header(header, form.version));
  }
  // Of what has no address (a unix socket) version 2 says that it is our own, as HAProxy does.
  const bool has_address = !header.source.host_bytes().empty() && !header.destination.host_bytes().empty();
  if (!has_address) header.kind = net::ProxyHeader::Kind::kLocal;
  const net::ProxyAdditions& wanted = *form.additions;
  const TlsFacts* tls = client.connection != nullptr ? client.connection->tls() : nullptr;
  if (wanted.alpn && tls != nullptr) header.alpn = tls->alpn;
  if (wanted.authority && tls != nullptr) header.authority = tls->sni;
  if (wanted.unique_id) header.unique_id = request.request_id;
  if (wanted.tls) header.tls = tls_part(wanted, tls);
  header.checksum = wanted.checksum;
  return request.arena.copy(net::write_proxy_header(header, form.version));
}

}  // namespace reseal::proxy
