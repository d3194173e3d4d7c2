// The fields that tell servers whom they really serve: X-Forwarded-For, X-Forwarded-Proto, Forwarded (RFC
// 7239). Pure, apart from the head's arena.
#pragma once

#include <string_view>

#include "backends/address_fields.h"
#include "lb/base/clock.h"
#include "lb/http/message.h"
#include "lb/net/address.h"

namespace reseal::proxy {

class ConnectionRules;

/// What is known of the client of a request beyond what it sends. Views and addresses outlive the request.
struct ClientFacts {
  std::string_view address;              ///< "10.0.0.1" or "2001:db8::1"
  bool secure = false;                   ///< the client came over TLS
  bool trusted = false;                  ///< one of the frontend's trusted proxies: its own fields are kept
  const net::Address* source = nullptr;  ///< the client
  const net::Address* destination = nullptr;  ///< where it connected to
  std::string_view
      alpn{};  ///< what its unopened TLS offers (tls::ClientHello); only while the rules are asked

  ConnectionRules* connection = nullptr;  ///< null where no rules are asked that need it

  // For the access log; not set without one.
  TimePoint head_began{};              ///< when the first byte of the request's head came
  std::string_view tls_version{};      ///< empty without TLS
  std::string_view tls_server_name{};  ///< SNI; empty if none was sent
  std::string_view tls_cipher{};
  bool tls_resumed = false;
  Microseconds handshake_time{0};  ///< of the connection, if this is its first request
  Microseconds idle_time{0};       ///< from there, or from the end of the request before, to head_began
};

/// Adds the three fields. A field that is still there (the client is a trusted proxy) is continued:
/// X-Forwarded-For and Forwarded get one more element, X-Forwarded-Proto stays as it is.
void add_forwarding_fields(const ClientFacts& client, http::RequestHead& head);

/// The fields with an address that the frontend or the backend asks for, at the end of the head. Where both ask, the
/// backend's name holds, and one of them is enough to have it added to what is there.
void add_address_fields(const backends::AddressFields& frontend, const backends::AddressFields& backend,
                        const ClientFacts& client, http::RequestHead& head);

}  // namespace reseal::proxy
