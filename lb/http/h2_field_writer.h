// Neutral heads out as lists of HTTP/2 fields, ready for nghttp2 (RFC 9113 8.3). Connection-specific and dropped fields
// are left out, the framing is stated anew, tunnels take the form of RFC 8441; nghttp2 lowers the names while it copies.
//
// Owner: an HTTP/2 session; one list at a time, its memory is used again. Single thread.
#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "lb/base/text.h"
#include "lb/http/message.h"

namespace reseal::http {

class H2FieldWriter {
 public:
  /// Valid until the next call, and while the head is. `scheme` is "http" or "https".
  std::span<const nghttp2_nv> request(const RequestHead& head, std::string_view scheme);
  /// `framing` may be other than the head's: what the session makes of it. A 101 becomes the 200 of RFC 8441.
  std::span<const nghttp2_nv> response(const ResponseHead& head, const Framing& framing);
  std::span<const nghttp2_nv> trailers(std::span<const Field> fields);

 private:
  void add_static(std::string_view name, std::string_view value, std::uint8_t flags = NGHTTP2_NV_FLAG_NONE);
  void add_fields(std::span<const Field> fields, bool in_tunnel);
  void add_framing(const Framing& framing);

  std::vector<nghttp2_nv> list_;
  DecimalText length_{0};
  std::array<char, 3> status_{};
};

}  // namespace reseal::http
