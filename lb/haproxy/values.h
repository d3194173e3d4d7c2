// Values as a haproxy.cfg writes them (its manual, 2.5 and 2.6). The errors say what was found and what is accepted. Pure.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/base/clock.h"
#include "lb/config/model.h"

namespace reseal::haproxy {

template <class T>
using Parsed = std::expected<T, std::string>;

/// "30s", "500ms", "1d"; a bare number counts in `unit`. Microseconds are rounded up to a millisecond. At most the 24.8
/// days that HAProxy takes.
Parsed<Duration> parse_time(std::string_view text, Duration unit = Duration(1));

/// "64k", "2m", "1g", or bytes.
Parsed<std::uint64_t> parse_size(std::string_view text);

/// A whole number between the two.
Parsed<int> parse_number(std::string_view text, int least, int most);

/// What follows `bind`: "*:80", ":80", "10.0.0.1:80-90", "[::]:443", "ipv4@...", "ipv6@..."; several between commas; unix sockets
/// ("/run/web.sock", "unix@...", "abns@...") and inherited ones ("fd@3"); QUIC is left out. One element a port; they carry `place`. Port 0 lets the system choose, which HAProxy does not know.
Parsed<std::vector<config::Bind>> parse_bind_addresses(std::string_view text, config::Place place);

/// Of `server`: host and port, or a unix socket as the model writes it. Without a port, or with one that has a sign, it is the one that
/// the client connected to and so many. What reseal cannot connect to (descriptors) is an error that says so.
struct ServerAddress {
  std::string host;
  std::uint16_t port = 0;
  std::optional<int> port_offset{};
};
Parsed<ServerAddress> parse_server_address(std::string_view text);

/// Of `source`: a numeric address, with or without a port; "*" and 0.0.0.0 leave it to the system (an empty host).
Parsed<ServerAddress> parse_source_address(std::string_view text);

}  // namespace reseal::haproxy
