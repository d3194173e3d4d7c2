// What went wrong, whose fault it was, in a form small enough for the data path: no heap, trivially copyable.
// Origin and code decide everything that follows from an error, in two tables: proxy/error_policy (status,
// word in the log, close or keep) and proxy/retry_policy. Words are the same in logs, metrics and
// documentation.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <type_traits>

namespace reseal {

/// Whose fault it was.
enum class Origin : std::uint8_t { kClient, kServer, kLocal };

/// The closed list of causes. Each has one word (code_word), used in logs, metrics and docs.
enum class Code : std::uint8_t {
  kOk,
  // client side
  kClientGone,          ///< the client reset or closed the connection before its response was complete
  kClientTimeout,       ///< the client did not send (or take) bytes in time
  kClientTlsFailed,     ///< the client's TLS handshake failed
  kProxyHeaderInvalid,  ///< the PROXY header of a balancer in front is missing or malformed
  kBadRequest,          ///< the request breaks the protocol's grammar
  kAmbiguousRequest,    ///< two parsers could read it differently (framing, Host); refused, connection closed
  kHeadTooLarge,        ///< head over the size limit or too many fields
  kTargetTooLong,       ///< request target over the limit
  kBodyTooLarge,        ///< body over max_body_size
  kMethodRefused,       ///< CONNECT and other methods not served
  kVersionRefused,      ///< an HTTP version that is not served
  kExpectationRefused,  ///< an Expect value other than 100-continue
  kCodingRefused,       ///< a Transfer-Encoding that is not served
  // choosing
  kRequestDenied,  ///< a rule denies the request, or the connection
  kNoRoute,        ///< no rule and no default backend for this request
  kNoServerUp,     ///< every server of the backend is down or excluded
  kQueueFull,      ///< every server is at its limit, and as many requests wait as may
  kQueueTimeout,   ///< waited for a server for too long
  // server side
  kConnectFailed,                  ///< refused, unreachable, reset while connecting
  kConnectTimeout,                 ///< no connection (TCP and TLS) in time
  kServerCertificateUntrusted,     ///< chain does not lead to the configured CA
  kServerCertificateExpired,       ///< expired or not yet valid
  kServerCertificateNameMismatch,  ///< no subjectAltName matches verify_host
  kServerCertificateInvalid,       ///< any other verification failure (purpose, signature, ...)
  kServerRequiresCertificate,      ///< the server refused our certificate or the lack of one
  kServerPlaintext,                ///< the server answered in something that is not TLS
  kServerTlsFailed,                ///< any other TLS failure with the server
  kServerReset,                    ///< connection reset by the server
  kServerClosed,                   ///< connection closed before the response began (empty response)
  kServerTruncated,                ///< connection closed before the response was complete
  kServerRefused,                  ///< the server says that it has not processed the request (HTTP/2)
  kServerTimeout,                  ///< no response, or no progress of it, in time
  kServerCannotUpgrade,            ///< the server speaks HTTP/2 and takes no tunnels in it (RFC 8441)
  kTunnelTimeout,                  ///< neither side of a tunnel sent anything for too long
  kBadResponse,                    ///< the response breaks the protocol or is ambiguous
  kResponseDenied,                 ///< a rule denies the response
  kServerWentDown,                 ///< the server was found down, and its sessions are to end then
  kBackupRelieved,                 ///< a server came back, and sessions at backups are to end then
  // local
  kOutOfDescriptors,  ///< no file descriptor left
  kStopped,           ///< the process ended, or the drain limit was over, while it was under way
  kIo,                ///< any other operating-system error; see Error::system
  kInternal,
  kCount_,  ///< number of codes, not a code
};

/// A failure. `detail` must point to static storage.
struct Error {
  Code code = Code::kInternal;
  Origin origin = Origin::kLocal;
  const char* detail = "";
  int system = 0;             ///< errno value (positive), 0 when none
  unsigned long openssl = 0;  ///< first entry of OpenSSL's error queue, 0 when none
  long verify = 0;            ///< X509_V_ERR_* of a failed certificate verification, 0 when none
};
static_assert(std::is_trivially_copyable_v<Error>);

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Code code, Origin origin, const char* detail, int system = 0) {
  return std::unexpected<Error>(Error{code, origin, detail, system, 0, 0});
}

/// The cause word of a code, e.g. "connect_timeout". Never empty, unique per code.
std::string_view code_word(Code code);
/// Whose fault a cause is, as docs/causes.md tells it: one error's origin may be narrower. Total over Code.
Origin fault_of(Code code);

/// One line for people: "connect_failed: connection refused (errno 111)". Allocates; not for the data path.
std::string describe(const Error& error);

}  // namespace reseal
