// The ClientHello at the front of a TLS connection, read without answering it: which name and which protocols the
// client asks for, so that a connection can be routed and its TLS left closed. Pure: bytes in, a value out; no
// OpenSSL. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace reseal::tls {

/// What a client asks for. Nothing of it is verified: anybody may ask for any name.
struct ClientHello {
  /// SNI, lower case, without a final dot; empty when the client names none. At most 253 of letters, digits, '-',
  /// '_' and '.', no label empty or over 63.
  std::string server_name;
  /// The same with its letters as they came.
  std::string sent_name;
  /// ALPN as in RFC 7301 3.1, without the list's own length: each protocol after one byte of its length. Empty
  /// when the client names none.
  std::string alpn;
  /// The highest version offered, as on the wire (0x0304 is TLS 1.3), reserved values left aside.
  std::uint16_t version = 0;
  /// What stands in the message's own field for it, where TLS 1.3 says 1.2.
  std::uint16_t legacy_version = 0;
  enum class Ticket : std::uint8_t { kNotSpoken, kNone, kSent };
  Ticket ticket = Ticket::kNotSpoken;  ///< RFC 5077: whether the client knows tickets, and has one
  bool names_groups = false;           ///< it says which curves it knows

  // Lists of two bytes each, as they came and without their lengths; reserved values are among them.
  std::string ciphers;
  std::string groups;      ///< RFC 8446 4.2.7: the curves
  std::string signatures;  ///< RFC 8446 4.2.3
  std::string key_shares;  ///< RFC 8446 4.2.8: the groups of the keys that it sends
};

struct ClientHelloParse {
  enum class Status : std::uint8_t {
    kNeedMore,   ///< a valid beginning: ask again with more bytes
    kNotTls,     ///< the bytes are not TLS records of a handshake; an SSL 2 hello is not either
    kMalformed,  ///< TLS, but not a ClientHello that keeps the rules and the limit
    kComplete,
  };
  Status status = Status::kNeedMore;
  ClientHello hello;
  const char* detail = "";  ///< kNotTls, kMalformed: what is wrong; static
};

/// The most that a ClientHello may take, record headers included; browsers send 500 to 2,000 bytes.
constexpr std::size_t kMaxClientHelloBytes = 16 * 1024;

/// Reads the ClientHello (RFC 8446 4.1.2, 5.1; RFC 5246 7.4.1.2) at the front of `bytes`, which is what the
/// connection brought so far, from its first byte; it may be spread over several records. Never waits for more
/// than kMaxClientHelloBytes. Allocates only for a complete one. Every length must fit exactly, and an extension,
/// a name or a list that stands twice or is empty is refused: the server behind might read the other one.
ClientHelloParse parse_client_hello(std::string_view bytes);

}  // namespace reseal::tls
