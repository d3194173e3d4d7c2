// The neutral form of an HTTP message: what stands between any two protocol ends. HTTP/1 and HTTP/2, client
// side and server side, all produce and consume exactly this, so that a feature is written once.
//
// Memory: every view in a head points into the head's own arena (or static text). Owner: the exchange. Single
// thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lb/base/arena.h"

namespace reseal::http {

enum class Method : std::uint8_t {
  kGet,
  kHead,
  kPost,
  kPut,
  kDelete,
  kConnect,
  kOptions,
  kTrace,
  kPatch,
  kOther
};

/// RFC 9110 9.2.2: repeating the request has the effect of sending it once.
constexpr bool is_idempotent(Method method) {
  switch (method) {
    case Method::kGet:
    case Method::kHead:
    case Method::kPut:
    case Method::kDelete:
    case Method::kOptions:
    case Method::kTrace:
      return true;
    default:
      return false;
  }
}

enum class Version : std::uint8_t { kHttp10, kHttp11, kHttp2 };

/// Field names that some code asks for; every other name is kOther. Set once, at parse time.
enum class FieldName : std::uint8_t {
  kOther,
  kAccept,
  kAcceptEncoding,
  kAcceptLanguage,
  kAge,
  kAuthorization,
  kCacheControl,
  kConnection,
  kContentEncoding,
  kContentLength,
  kContentType,
  kCookie,
  kDate,
  kEtag,
  kExpect,
  kForwarded,
  kHost,
  kHttp2Settings,
  kIfModifiedSince,
  kIfNoneMatch,
  kKeepAlive,
  kLastModified,
  kLocation,
  kProxyAuthenticate,
  kProxyAuthorization,
  kProxyConnection,
  kRange,
  kReferer,
  kServer,
  kSetCookie,
  kTe,
  kTrailer,
  kTransferEncoding,
  kUpgrade,
  kUserAgent,
  kVary,
  kVia,
  kXForwardedFor,
  kXForwardedHost,
  kXForwardedPort,
  kXForwardedProto,
  kXRealIp,
  kCount_,
};

/// The enum value of a field name, case-insensitively; kOther when it is none of the above.
FieldName field_name(std::string_view name);

struct Field {
  FieldName id = FieldName::kOther;
  bool drop = false;       ///< set by sanitize and by rules: the writer leaves it out
  std::string_view name;   ///< as received
  std::string_view value;  ///< without leading and trailing blanks
};

/// How the length of a body is known (RFC 9112 6.3).
enum class BodyKind : std::uint8_t {
  kNone,
  kLength,
  kChunked,  ///< unknown beforehand, its end is marked (HTTP/2: END_STREAM)
  kUntilClose,
  kTunnel  ///< not a body: an opaque stream, see exchange_ends.h
};

struct Framing {
  BodyKind kind = BodyKind::kNone;
  std::uint64_t length =
      0;  ///< with kLength; with kNone and declared: what Content-Length says of a body that is not sent
  bool declared = false;  ///< with kNone: a HEAD or 304 response that states the length all the same
};

/// What requests and responses share.
struct MessageHead {
  explicit MessageHead(BufferPool& pool) : arena(pool) {}

  Arena arena;  ///< owns the text of every view below
  Version version = Version::kHttp11;
  std::vector<Field> fields;  ///< in order of arrival; capacity is kept from one use to the next
  Framing framing;
  bool keep_alive = true;  ///< the sender allows another message on this connection (h1)
  /// Protocol to switch to (Upgrade of HTTP/1.1, :protocol of RFC 8441), with framing kTunnel; the rest of the
  /// head has the form of HTTP/1.1 then. Empty: none.
  std::string_view upgrade;

  /// First field of that name that is not dropped; null if none.
  [[nodiscard]] const Field* find(FieldName id) const;
  /// Appends a field; the views must be static or in the arena.
  void add(FieldName id, std::string_view name, std::string_view value);
  /// Marks every field of that name as dropped.
  void drop(FieldName id);

 protected:
  void reset_message();
};

struct RequestHead : MessageHead {
  using MessageHead::MessageHead;
  Method method = Method::kGet;
  std::string_view method_text;
  std::string_view
      target;  ///< origin-form ("/path?query") or "*"; absolute-form is rewritten to it on parsing
  std::string_view authority;     ///< host[:port], from Host or the absolute-form target; empty only for
                                  ///< HTTP/1.0 without Host
  std::string_view request_id;    ///< what the request is called in logs and by servers; empty: none is given
  bool expect_continue = false;   ///< Expect: 100-continue was sent
  bool accepts_trailers = false;  ///< TE: trailers was sent
  bool writes_http10 = false;     ///< of our own requests: the line says HTTP/1.0
  bool is_last = false;           ///< no other follows it on its connection to the server (HTTP/1)
  bool tells_last = true;         ///< the server is told so

  [[nodiscard]] std::string_view path() const { return target.substr(0, target.find('?')); }
  /// Ready for the next request; keeps capacity.
  void reset();
};

struct ResponseHead : MessageHead {
  using MessageHead::MessageHead;
  int status = 0;
  std::string_view reason;
  void reset();
};

/// The host of an authority, without its port: "a.example:443" -> "a.example", "[::1]:80" -> "[::1]".
std::string_view host_of(std::string_view authority);

/// The standard reason phrase of a status, "" for unknown ones.
std::string_view reason_phrase(int status);

}  // namespace reseal::http
