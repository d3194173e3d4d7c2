// Body framing, RFC 9112 section 6: which length a message has. Everything request smuggling lives on is
// decided in this file, chunked_decoder and sanitize. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "lb/base/error.h"
#include "lb/http/message.h"

namespace reseal::http {

/// Sets head.framing and head.keep_alive from Transfer-Encoding, Content-Length, Connection and the version
/// (RFC 9112 6.3 and 9.3). Refuses: both TE and CL, several or odd Content-Lengths, a TE other than exactly
/// "chunked", TE in HTTP/1.0 ... (kAmbiguousRequest, kCodingRefused).
Result<void> decide_request_framing(RequestHead& head);

/// The same for responses; 1xx, 204, 304 and answers to HEAD have no body. kBadResponse.
Result<void> decide_response_framing(Method request_method, ResponseHead& head);

/// Parses a trailer section (ChunkedDecoder::trailers) into fields; drops those that must not be in trailers
/// (framing, routing, authentication: RFC 9110 6.5.1). The views point into `text`.
std::vector<Field> parse_trailers(std::string_view text);
/// Whether parse_trailers keeps a field of that name.
bool may_be_trailer(FieldName id, std::string_view name);

}  // namespace reseal::http
