// HTTP/2 field lists in, neutral heads out (RFC 9113 8). Everything that smuggling through a downgrade lives on is
// decided here, with the rules of HTTP/1 (head_rules, body_framing, characters): what leaves as HTTP/1 would have been
// accepted as HTTP/1. nghttp2's own checks of messages are off, so that there is one rule, and a 400 instead of a reset.
//
// Pure; any thread. Views in the heads point into the heads' arenas or static text.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "lb/base/error.h"
#include "lb/http/h1_parser.h"
#include "lb/http/h2_header_block.h"
#include "lb/http/message.h"

namespace reseal::http {

/// A request's fields. `end_stream`: no body follows. Pseudo fields first, each once, those that the method asks for and
/// no other; :authority and Host must agree; names in lower case, no connection-specific field, no character that
/// HTTP/1 would not allow; cookie crumbs are joined. Content-Length gives kLength, its absence kChunked, END_STREAM
/// kNone. CONNECT becomes kTunnel (kMethodRefused unless limits.allow_connect); with :protocol (RFC 8441) it becomes what
/// HTTP/1.1 would have sent, GET with an upgrade. Errors: Origin::kClient; the head is in no defined state then.
Result<void> read_h2_request(std::span<const RawField> fields, bool end_stream, const HeadLimits& limits,
                             RequestHead& head);

/// What a response answers.
struct AskedFor {
  Method method = Method::kGet;
  bool tunnel = false;
  std::string_view upgrade{};  ///< the protocol of a tunnel; empty: CONNECT
};

/// A response's fields, informational or final. The 2xx that opens an RFC 8441 tunnel becomes the 101 that HTTP/1.1
/// would have sent. kBadResponse, Origin::kServer.
Result<void> read_h2_response(std::span<const RawField> fields, bool end_stream, const AskedFor& asked,
                              ResponseHead& head);

/// A trailer section: malformed ones are errors (kBadRequest, kBadResponse), fields that must not be in trailers are
/// left out. Text goes into `arena`.
Result<void> read_h2_trailers(std::span<const RawField> fields, Origin origin, Arena& arena,
                              std::vector<Field>& trailers);

}  // namespace reseal::http
