// HTTP/1.x heads: bytes in, neutral heads out. Strict (RFC 9112): what two parsers could read differently is
// refused. Sans I/O, no allocation beyond the head's arena and field vector. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "lb/base/error.h"
#include "lb/http/message.h"

namespace reseal::http {

struct HeadLimits {
  std::size_t head_bytes = 32 * 1024;    ///< start line and fields together; over it: kHeadTooLarge (431)
  std::size_t target_bytes = 16 * 1024;  ///< over it: kTargetTooLong (414)
  std::size_t fields = 100;              ///< over it: kHeadTooLarge (431)
  std::uint32_t streams = 100;           ///< requests at a time on one HTTP/2 connection
  bool allow_connect = false;            ///< false: CONNECT is kMethodRefused (405)
};

/// Where a head ends: the number of bytes up to and including the empty line, 0 while it is incomplete.
/// `from` is how many bytes earlier calls have already looked at, so that a slow sender costs O(n) in all.
std::size_t find_head_end(std::string_view bytes, std::size_t from);

/// True if the first bytes can begin an HTTP/1 request (method token). Tells garbage (a TLS hello on a plain
/// port) before a whole head has arrived. `bytes` is not empty; leading CRLFs are for the caller to skip (RFC
/// 9112 2.2).
bool may_begin_request(std::string_view bytes);

/// Parses a complete head (as measured by find_head_end). `bytes` must live in `head.arena` or outlive the
/// head: the head's views point into it. Sets framing (body_framing.h). Errors: Origin::kClient, never
/// partial use of `head`.
Result<void> parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head);

/// The same for a response. `request_method` is the method of the request it answers (HEAD has no body).
/// Errors: Code::kBadResponse, Origin::kServer.
Result<void> parse_response_head(std::string_view bytes, const HeadLimits& limits, Method request_method,
                                 ResponseHead& head);

}  // namespace reseal::http
