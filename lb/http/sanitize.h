// What must not cross the proxy: hop-by-hop fields, fields nominated by Connection, and fields that reseal
// sets itself when a client sends them. Works on the neutral form, so it holds for every protocol pair. Pure;
// any thread.
#pragma once

#include "lb/http/message.h"

namespace reseal::http {

/// Drops hop-by-hop fields (RFC 9110 7.6.1: Connection and what it names, Keep-Alive, Proxy-Connection, TE,
/// Transfer-Encoding, Upgrade, HTTP2-Settings, Trailer stays) and Proxy-Authorization/Proxy-Authenticate. A
/// name that Connection nominates but must not (Host, Content-Length, Transfer-Encoding, X-Forwarded-*,
/// Forwarded, ...) is not dropped for that. Content-Length and Transfer-Encoding are always dropped: the
/// writer states the framing anew.
void drop_hop_by_hop(MessageHead& head);

/// Drops Forwarded, X-Forwarded-*, X-Real-IP in every spelling a server might take for them (case, '_' for
/// '-').
void drop_forwarding_fields(RequestHead& head);

}  // namespace reseal::http
