// The PROXY protocol, versions 1 and 2 (haproxy.org, "The PROXY protocol", 2020): the few bytes with which a
// balancer in front tells whose connection this is. Pure: bytes in, a value out; no sockets, no memory of its own.
// Any thread. Whether a peer may send such a header at all is the caller's question: it is believed blindly here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lb/net/address.h"
#include "lb/net/proxy_additions.h"

namespace reseal::net {

/// What a version 2 header says about TLS between the client and the sender (PP2_TYPE_SSL).
struct ProxyTls {
  bool used = false;                  ///< the client came over TLS
  bool certificate_sent = false;      ///< over this connection or earlier in its session
  bool certificate_verified = false;  ///< sent, and the sender found it good
  std::string_view version;           ///< "TLSv1.3"
  std::string_view common_name;       ///< of the client's certificate

  // What only the writer knows.
  bool certificate_resumed = false;  ///< sent earlier in its session only
  std::uint32_t verify_result = 0;  ///< where the certificate is not verified: OpenSSL's number; 0: 1 is told
  std::string_view key;             ///< of the certificate that the client was shown: "EC256"
  std::string_view signature;       ///< of the same
  std::string_view cipher;
  bool is_told = false;  ///< that there is no TLS, too

  bool operator==(const ProxyTls&) const = default;
};

/// One header. Only kProxied carries anything; with the other two the connection's own addresses are the ones.
struct ProxyHeader {
  enum class Kind : std::uint8_t {
    kProxied,  ///< a TCP connection from `source` to `destination`
    kLocal,    ///< the sender's own connection, such as its health check (version 2 only)
    kUnknown,  ///< relayed from what is not TCP over IP: a Unix socket, a datagram, or not told
  };
  Kind kind = Kind::kUnknown;
  Address source;
  Address destination;
  // Version 2 only; empty when absent.
  std::string_view authority;  ///< the host name the client asked for (SNI); no blanks or control characters
  std::string_view alpn;       ///< the protocol negotiated with the client
  std::string_view unique_id;  ///< opaque, at most 128 bytes
  ProxyTls tls;
  bool checksum = false;  ///< written only: a CRC32c
};

struct ProxyParse {
  enum class Status : std::uint8_t {
    kNeedMore,   ///< a valid beginning: ask again with more bytes
    kComplete,   ///< `header`, and `consumed` bytes of it in front of the connection's own
    kMalformed,  ///< not a header, or one that breaks the rules: end the connection
  };
  Status status = Status::kNeedMore;
  std::size_t consumed = 0;
  ProxyHeader header;       ///< its views point into the bytes parsed
  const char* detail = "";  ///< kMalformed: what is wrong; static
};

/// The most that a header may take, TLVs included. Version 1 lines are at most 107 bytes.
constexpr std::size_t kMaxProxyHeaderBytes = 4096;
constexpr std::size_t kMaxProxyLineBytes = 107;
/// The most that a value of authority, ALPN, TLS version or common name may take.
constexpr std::size_t kMaxProxyTextBytes = 255;
constexpr std::size_t kMaxProxyUniqueIdBytes = 128;

/// Reads the header at the front of `bytes`, which is what the connection brought so far, from its first byte.
/// Refuses as soon as a byte cannot belong to a header, so never waits for more than kMaxProxyHeaderBytes.
/// Strict where two readers could differ: one space, no leading zeros, CRLF, address blocks of the family's
/// length, no TLV that ends outside, that stands twice or that a CRC32c does not cover.
ProxyParse parse_proxy_header(std::string_view bytes);

/// The header as bytes. Addresses of two families are both written as IPv6; an IPv4-mapped one as IPv4. Version 1
/// has no word for kLocal and says UNKNOWN, as both do for kProxied without addresses. A value over the limits above is left out.
std::string write_proxy_header(const ProxyHeader& header, ProxyVersion version);

}  // namespace reseal::net
