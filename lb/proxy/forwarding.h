// The fields that tell servers whom they really serve: X-Forwarded-For, X-Forwarded-Proto, Forwarded (RFC
// 7239). Pure, apart from the head's arena.
#pragma once

#include <string_view>

#include "lb/http/message.h"

namespace reseal::proxy {

struct ClientFacts {
  std::string_view address;  ///< "10.0.0.1" or "2001:db8::1"; outlives the head
  bool secure = false;       ///< the client came over TLS
  bool trusted = false;      ///< one of the frontend's trusted proxies: its own fields are kept
};

/// Adds the three fields. A field that is still there (the client is a trusted proxy) is continued:
/// X-Forwarded-For and Forwarded get one more element, X-Forwarded-Proto stays as it is.
void add_forwarding_fields(const ClientFacts& client, http::RequestHead& head);

}  // namespace reseal::proxy
