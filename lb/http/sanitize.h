// What must not cross the proxy: hop-by-hop fields, fields nominated by Connection, and fields that reseal
// sets itself when a client sends them. Works on the neutral form, so it holds for every protocol pair. Pure;
// any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "lb/base/error.h"
#include "lb/http/message.h"

namespace reseal::http {

/// Fields that speak of one connection of HTTP/1 (RFC 9110 7.6.1); HTTP/2 must not have them (RFC 9113 8.2.2).
constexpr bool is_connection_specific(FieldName id) {
  switch (id) {
    case FieldName::kConnection:
    case FieldName::kHttp2Settings:
    case FieldName::kKeepAlive:
    case FieldName::kProxyConnection:
    case FieldName::kTransferEncoding:
    case FieldName::kUpgrade:
      return true;
    default:
      return false;
  }
}

/// Drops hop-by-hop fields (RFC 9110 7.6.1: Connection and what it names, Keep-Alive, Proxy-Connection, TE,
/// Transfer-Encoding, Upgrade, HTTP2-Settings, Trailer stays) and Proxy-Authorization/Proxy-Authenticate. A
/// name that Connection nominates but must not (Host, Content-Length, Transfer-Encoding, X-Forwarded-*,
/// Forwarded, ...) is not dropped for that. Content-Length and Transfer-Encoding are always dropped: the
/// writer states the framing anew. `received`: how many fields the sender's head had; Connection does not name those that were
/// added behind them.
void drop_hop_by_hop(MessageHead& head, std::size_t received = SIZE_MAX);

/// One of the fields that only a load balancer may set: Forwarded, X-Forwarded-*, X-Real-IP, the client
/// certificate's (Client-Cert*, X-Client-Cert*, X-SSL-Client*, SSL-Client-*), X-Original-URL, X-Rewrite-URL, in
/// every spelling a server might take for them (see is_same_variable).
bool is_own_field(FieldName id, std::string_view name);

/// Equal when neither case counts nor which of the characters that are no letter and no digit stands where: CGI, WSGI and
/// PHP make one variable of X-User, x_user and X.User. `lower` is as as_variable makes it.
bool is_same_variable(std::string_view name, std::string_view lower);
/// The name in lower case with '-' for all that is no letter and no digit, to be compared with. Allocates.
std::string as_variable(std::string_view name);

/// What becomes of fields with '_' in their name, or anything else that is no letter, no digit and no '-'.
enum class UnderscoreFields : std::uint8_t { kDrop, kKeep, kRefuse };

/// Drops what an untrusted client must not set: the fields of is_own_field. One that is spelled with other characters than
/// letters, digits and '-' no trusted proxy sends by itself, so it is dropped in any case. kAmbiguousRequest: by kRefuse only.
Result<void> drop_untrusted_fields(RequestHead& head, UnderscoreFields underscores, bool trusted);

}  // namespace reseal::http
