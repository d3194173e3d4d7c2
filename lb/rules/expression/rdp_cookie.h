// The cookie that a client of RDP puts behind the TPKT and X.224 headers of its first packet: "Cookie: mstshash=NAME" with an
// end of line. Pure.
#pragma once

#include <string_view>

namespace reseal::rules::expression {

struct RdpCookie {
  bool is_there = false;
  bool needs_more = false;  ///< more bytes may make one of it
  std::string_view value;   ///< within the bytes that were looked at
};

/// The cookie of `name`, in any case of its letters; of any name if that is empty.
RdpCookie find_rdp_cookie(std::string_view bytes, std::string_view name);

}  // namespace reseal::rules::expression
