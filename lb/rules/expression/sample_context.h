// What an evaluation can see: borrowed pointers, each of which may be null where the phase has no such thing; a fetch that
// needs it then finds nothing. Whoever evaluates fills one per connection or request. Single thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "lb/base/arena.h"
#include "lb/base/clock.h"
#include "lb/base/random.h"
#include "lb/http/message.h"
#include "lb/net/address.h"
#include "lb/rules/expression/surroundings.h"
#include "lb/rules/expression/variables.h"

namespace reseal::rules::stick {
class Tracking;
}

namespace reseal::rules::actions {
struct Overrides;
}

namespace reseal::tls {
struct ClientHello;
}

namespace reseal::rules::expression {

class CaptureSlots;
class Inspection;
class ServerLink;
struct RequestBody;

/// The parts of an exchange that may be there; the bits of what an expression needs.
enum Needs : std::uint8_t {
  kNeedsNothing = 0,
  kNeedsConnection = 1,
  kNeedsRequest = 2,
  kNeedsResponse = 4,
  kNeedsServer = 8,
  kNeedsBackend = 16,
  kNeedsRequestHead = 32,  ///< the request itself, which HAProxy has forgotten once there is a response
  kNeedsBytes = 64,        ///< what a client of mode tcp has sent
};

/// What is evaluated: it says whose fields the fetches mean that name no side (hdr, cookie).
enum class Phase : std::uint8_t { kConnection, kRequest, kResponse };

/// One part of a certificate's distinguished name: "CN", "client.example". In parts, because values may hold any text.
struct NameEntry {
  std::string_view name;
  std::string_view value;
};

/// Of the client's TLS connection. Views; empty where there is nothing.
struct TlsFacts {
  std::string_view version;  ///< "TLSv1.3"
  std::string_view cipher;   ///< "TLS_AES_128_GCM_SHA256"
  std::string_view sni;
  std::string_view alpn;
  std::int64_t key_bits = 0;  ///< of the cipher
  bool is_resumed = false;
  bool has_early_data = false;
  std::string_view session_id;
  std::string_view unique_id;
  std::string_view own_key;        ///< of the certificate that the client was shown: "EC256"
  std::string_view own_signature;  ///< of the same: "ecdsa-with-SHA256"
  struct Certificate {
    bool in_session = false;             ///< the client has one, be it from the session that is resumed
    bool in_handshake = false;           ///< it was sent on this connection
    std::int64_t verify_result = 0;      ///< OpenSSL's number; 0: as it should be
    std::span<const NameEntry> subject;  ///< in the certificate's order
    std::span<const NameEntry> issuer;
    std::string_view serial;  ///< bytes
    std::string_view sha1;    ///< bytes
    std::string_view der;
    std::string_view not_before;  ///< "YYMMDDhhmmss[Z]"
    std::string_view not_after;
    std::string_view key_algorithm;
    std::string_view signature_algorithm;
    std::int64_t version = 0;
  } client;
};

struct SampleContext {
  Phase phase = Phase::kRequest;
  const http::RequestHead* request = nullptr;
  const http::ResponseHead* response = nullptr;
  /// A haproxy.cfg's rules about a response are asked, which do not see the request.
  bool request_is_over = false;
  std::string_view received_target;      ///< of the request, before anything changed it
  const net::Address* client = nullptr;  ///< the client's end: after PROXY protocol, the true client
  const net::Address* local = nullptr;   ///< the address that the client connected to
  const TlsFacts* tls = nullptr;         ///< null: the connection is not TLS
  /// Of TLS that is passed on, if it was read before the rules are asked.
  const tls::ClientHello* hello = nullptr;
  Inspection* inspection = nullptr;  ///< of mode tcp: what the client has sent; null: not that, or not yet
  const SocketFacts* socket = nullptr;
  const FrontendFacts* frontend_facts = nullptr;
  const BackendFacts* backend_facts = nullptr;
  const actions::Overrides* overrides = nullptr;  ///< what rules have said of the request so far
  const ServerLink* server_link = nullptr;        ///< null: no server has answered
  std::uint32_t server_id = 0;                    ///< of `server`
  std::string_view frontend;
  std::string_view backend;
  std::string_view server;
  std::string_view unique_id;
  std::string_view coding;  ///< that the response was compressed with, in logs; empty: it was not
  std::span<const std::string_view> captured_request;  ///< in the order in which the frontend keeps them
  std::span<const std::string_view> captured_response;
  const RequestBody* body = nullptr;    ///< null: nothing of it was waited for
  CaptureSlots* captures = nullptr;     ///< where rules put more
  Arena* request_arena = nullptr;       ///< with captures: for what they keep
  std::int64_t now_microseconds = 0;    ///< since 1970
  TimePoint now{};                      ///< the loop's
  stick::Tracking* tracking = nullptr;  ///< what the request or connection tracks
  Random* random = nullptr;
  /// By scope; the store of kProcess is only read.
  std::array<VariableStore*, kScopes> variables{};
};

}  // namespace reseal::rules::expression
