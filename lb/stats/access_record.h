// The plain facts of one request (mode tcp: of one connection) at its end: what an access log line is made from.
// Filled by lb/proxy at the moment it is written; every view is valid during that call only. Single thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "lb/base/clock.h"
#include "lb/base/error.h"

namespace reseal::stats {

/// Time of day, for people; everything else is measured with Clock.
using WallTime = std::chrono::sys_time<Microseconds>;

/// A span that did not begin: no server was waited for, no byte came.
inline constexpr Microseconds kNotReached{-1};

enum class LogMode : std::uint8_t { kHttp, kTcp };

/// Who gave the client its answer.
enum class Answerer : std::uint8_t { kNobody, kReseal, kServer };

/// How far a request had come when it ended.
enum class RequestPhase : std::uint8_t {
  kRequest,       ///< its head was not complete, or not routed
  kQueue,         ///< waiting for a server with room
  kConnect,       ///< waiting for a connection to a server
  kResponseHead,  ///< sent, waiting for the response's head
  kResponseBody,  ///< the response had begun
};

/// The word of an answerer or phase, as it stands in the log.
std::string_view word_of(Answerer answerer);
std::string_view word_of(RequestPhase phase);

/// What HAProxy's %B has on top of the body: its internal form of a head, in which each field takes name and value.
/// `field_bytes`: names and values together; `chunked`: the length was not known at first.
constexpr std::uint64_t haproxy_head_size(std::size_t reason_bytes, std::size_t field_bytes, bool chunked) {
  constexpr std::size_t kStartLine = 20 + sizeof("HTTP/1.1") - 1 + sizeof("200") - 1;
  constexpr std::size_t kEndOfHead = 1;
  return kStartLine + reason_bytes + field_bytes + kEndOfHead + (chunked ? 1 : 0);
}

/// What an expression of a log format is evaluated with; whoever evaluates knows what stands behind it.
class LogEvaluation {
 protected:
  ~LogEvaluation() = default;
};

/// What a frontend keeps of messages for the log (HAProxy's captures), in the order in which it is configured; empty where
/// a message had no such field.
struct LogCaptures {
  std::span<const std::string_view> request;
  std::span<const std::string_view> response;
  std::string_view request_cookie;  ///< "NAME=value"
  std::string_view response_cookie;
};

/// The same of a request, which HAProxy's %U has on top of its body. `line_bytes`: method and target.
constexpr std::uint64_t haproxy_request_head_size(std::size_t line_bytes, std::size_t field_bytes) {
  constexpr std::size_t kStartLine = 20 + sizeof("HTTP/1.1") - 1;
  constexpr std::size_t kEndOfHead = 1;
  return kStartLine + line_bytes + field_bytes + kEndOfHead;
}

struct AccessRecord {
  LogMode mode = LogMode::kHttp;
  WallTime begun{};  ///< first byte of the request's head; mode tcp: the connection was accepted

  std::string_view frontend;
  std::string_view client_address;  ///< without port
  std::uint16_t client_port = 0;
  bool secure = false;               ///< the client came over TLS
  std::string_view tls_version;      ///< "TLSv1.3"; empty without TLS
  std::string_view tls_server_name;  ///< SNI; empty if none was sent
  std::string_view tls_cipher;       ///< "TLS_AES_256_GCM_SHA384"; empty without TLS

  // What was asked; all empty if the request was not understood, or in mode tcp.
  std::string_view version;  ///< "HTTP/1.1"
  std::string_view method;
  std::string_view host;    ///< with its port, if it was sent
  std::string_view target;  ///< path and query

  // What was answered.
  int status = 0;  ///< 0: none
  Answerer answerer = Answerer::kNobody;
  Code cause = Code::kOk;
  RequestPhase phase = RequestPhase::kRequest;

  // By whom; empty when no backend, or no server, was chosen.
  std::string_view backend;
  std::string_view server;
  std::string_view server_address;         ///< with its port
  int retries = 0;                         ///< attempts after the first
  bool redispatched = false;               ///< the last of them went to another server
  std::string_view cookie_letters = "--";  ///< HAProxy's, of a persistence cookie
  bool reused = false;                     ///< over a server connection that was open already

  // Body bytes, and what HAProxy would count for the response's head (haproxy_head_size()).
  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;
  std::uint64_t request_head_bytes = 0;
  std::uint64_t response_head_bytes = 0;

  // Spans; kNotReached for what did not happen.
  Microseconds handshake_time{0};        ///< of the client's connection, if this is its first request
  Microseconds idle_time{0};             ///< from there, or from the request before, to the head's first byte
  Microseconds head_time = kNotReached;  ///< from the head's first byte to its end
  Microseconds queue_time = kNotReached;       ///< waiting for a server with room
  Microseconds connect_time = kNotReached;     ///< TCP; 0 when reused
  Microseconds tls_time = kNotReached;         ///< handshake with the server; 0 when reused or without TLS
  Microseconds first_byte_time = kNotReached;  ///< from the connection ready to the response's head
  Microseconds total_time{0};                  ///< from the head's end to the end of the response

  /// What else was going on, this request not counted except where it is said.
  struct Load {
    std::uint64_t process_connections = 0;   ///< this client's included
    std::uint64_t frontend_connections = 0;  ///< this client's included
    std::uint64_t backend_requests = 0;
    std::uint64_t server_requests = 0;
  } load;

  // For formats that ask for it (HaproxyFormat::needs).
  std::string_view local_address;  ///< where the client connected to, without port
  std::uint16_t local_port = 0;
  std::string_view source_address;  ///< where the connection to the server comes from, without port
  std::uint16_t source_port = 0;
  std::string_view unique_id;
  std::uint64_t line_number = 0;     ///< of this frontend's lines, from 0
  std::uint64_t request_number = 0;  ///< of this process's requests, from 1
  LogCaptures captures;
  std::string_view coding;  ///< that the response was compressed with; empty: it was not
  bool is_early = false;    ///< written at the response's head: bytes and total time go on
  const LogEvaluation* evaluation = nullptr;

  /// The value of a header field by its name (in any case) in what `head` points to; empty if there is none.
  using FindField = std::string_view (*)(const void* head, std::string_view name);
  FindField find_request_field = nullptr;
  FindField find_response_field = nullptr;
  const void* request_head = nullptr;
  const void* response_head = nullptr;

  [[nodiscard]] std::string_view request_field(std::string_view name) const {
    return find_request_field != nullptr ? find_request_field(request_head, name) : std::string_view();
  }
  [[nodiscard]] std::string_view response_field(std::string_view name) const {
    return find_response_field != nullptr ? find_response_field(response_head, name) : std::string_view();
  }
};

}  // namespace reseal::stats
