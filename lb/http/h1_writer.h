// Neutral heads and bodies out as HTTP/1.1 bytes. The framing is stated anew from head.framing; dropped
// fields are left out. Writes straight into the sink's queue. Pure; never fails: heads come from our own
// parsers or our own code.
#pragma once

#include <span>
#include <string_view>

#include "lb/base/byte_queue.h"
#include "lb/http/message.h"

namespace reseal::http {

/// "METHOD target HTTP/1.1", Host first, the fields, Content-Length or Transfer-Encoding per head.framing, Connection
/// and Upgrade for a head.upgrade.
void write_request_head(const RequestHead& head, ByteQueue& out);

struct ResponseOptions {
  bool close = false;              ///< say "Connection: close"
  bool http10_keep_alive = false;  ///< say "Connection: keep-alive" (to an HTTP/1.0 client that asked)
};
/// "HTTP/1.1 status reason", the fields, `framing` (which the session may have chosen other than
/// head.framing). kUntilClose states none and needs options.close.
void write_response_head(const ResponseHead& head, const Framing& framing, const ResponseOptions& options,
                         ByteQueue& out);

/// One chunk of the chunked coding; nothing for empty data.
void write_chunk(std::string_view data, ByteQueue& out);
/// The last chunk and the trailer section.
void write_last_chunk(std::span<const Field> trailers, ByteQueue& out);

}  // namespace reseal::http
