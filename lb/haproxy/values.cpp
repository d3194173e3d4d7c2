#include "lb/haproxy/values.h"

#include <array>

#include "lb/base/text.h"
#include "lb/config/did_you_mean.h"
#include "lb/net/address.h"

namespace reseal::haproxy {
namespace {

constexpr std::int64_t kMostMilliseconds = 0x7fffffff;
constexpr std::size_t kMostPorts = 1000;

struct Unit {
  std::string_view name;
  std::uint64_t microseconds;
};
constexpr std::array kTimeUnits = {
    Unit{"us", 1},         Unit{"ms", 1'000},        Unit{"s", 1'000'000},
    Unit{"m", 60'000'000}, Unit{"h", 3'600'000'000}, Unit{"d", 86'400'000'000}};

std::string quoted(std::string_view text) {
  return "'" + config::shortened(text) + "'";
}

/// Digits and what follows them.
struct Measure {
  std::uint64_t number;
  std::string_view unit;
};
std::optional<Measure> split_measure(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_decimal(text.substr(0, digits));
  if (!number) return std::nullopt;
  return Measure{*number, text.substr(digits)};
}

Parsed<std::uint16_t> parse_port(std::string_view text, std::uint16_t least = 1) {
  const auto port = parse_decimal(text);
  if (!port || *port < least || *port > 65535) {
    return std::unexpected(quoted(text) + " is no port: a number from 1 to 65535 is expected");
  }
  return static_cast<std::uint16_t>(*port);
}

/// "ipv4@" and its kin in front of an address; an error for families that reseal does not have.
Parsed<std::string_view> without_family(std::string_view text) {
  for (const std::string_view family : {"stream+", "ipv4@", "ipv6@", "tcp@", "tcp4@", "tcp6@"}) {
    if (text.starts_with(family)) text.remove_prefix(family.size());
  }
  for (const std::string_view family : {"unix@", "abns@", "abnsz@", "fd@", "sockpair@", "udp@", "udp4@",
                                        "udp6@", "quic4@", "quic6@", "rhttp@", "mptcp4@", "mptcp6@"}) {
    if (text.starts_with(family)) {
      return std::unexpected("addresses of the kind '" + std::string(family) +
                             "' are not there yet; an IPv4 or IPv6 address or a name is");
    }
  }
  if (text.starts_with('/')) {
    return std::unexpected("unix sockets (" + quoted(text) +
                           ") are not there yet; an address and a port are");
  }
  return text;
}

}  // namespace

Parsed<Duration> parse_time(std::string_view text, Duration unit) {
  const auto measure = split_measure(text);
  std::uint64_t scale = static_cast<std::uint64_t>(Microseconds(unit).count());
  bool is_known = measure.has_value();
  if (is_known && !measure->unit.empty()) {
    is_known = false;
    for (const Unit& each : kTimeUnits) {
      if (each.name != measure->unit) continue;
      scale = each.microseconds;
      is_known = true;
    }
  }
  if (!is_known) {
    return std::unexpected(
        quoted(text) + " is no time: a whole number with one of us, ms, s, m, h, d behind it is expected");
  }
  constexpr std::uint64_t kMost = static_cast<std::uint64_t>(kMostMilliseconds) * 1'000;
  if (measure->number > kMost / scale) {
    return std::unexpected(quoted(text) + " is too long: 24 days are the most");
  }
  return Duration(static_cast<std::int64_t>((measure->number * scale + 999) / 1'000));
}

Parsed<std::uint64_t> parse_size(std::string_view text) {
  const auto measure = split_measure(text);
  int shift = -1;
  if (measure && measure->unit.size() <= 1) {
    const char unit = measure->unit.empty() ? '\0' : ascii_lower(measure->unit.front());
    shift = unit == '\0' ? 0 : unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : -1;
  }
  if (shift < 0 || measure->number > (std::uint64_t{1} << 62) >> shift) {
    return std::unexpected(
        quoted(text) + " is no size: a whole number with one of k, m, g behind it, or bytes, is expected");
  }
  return measure->number << shift;
}

Parsed<int> parse_number(std::string_view text, int least, int most) {
  const auto number = parse_decimal(text);
  if (!number || *number < static_cast<std::uint64_t>(least) || *number > static_cast<std::uint64_t>(most)) {
    return std::unexpected(quoted(text) + ": a whole number from " + std::to_string(least) + " to " +
                           std::to_string(most) + " is expected");
  }
  return static_cast<int>(*number);
}

Parsed<std::vector<config::Bind>> parse_bind_addresses(std::string_view text, config::Place place) {
  std::vector<config::Bind> binds;
  while (true) {
    const std::string_view one = text.substr(0, text.find(','));
    const auto address = without_family(one);
    if (!address) return std::unexpected(address.error());
    const std::size_t colon = address->rfind(':');
    if (colon == std::string_view::npos) {
      return std::unexpected(quoted(one) + " has no port: ADDRESS:PORT, :PORT or *:PORT is expected");
    }
    std::string_view host = address->substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) host = "*";
    const std::string_view ports = address->substr(colon + 1);
    const std::size_t dash = ports.find('-');
    const auto first = parse_port(ports.substr(0, dash), 0);
    if (!first) return std::unexpected(first.error());
    const auto last = dash == std::string_view::npos ? first : parse_port(ports.substr(dash + 1));
    if (!last) return std::unexpected(last.error());
    if (*last < *first || binds.size() + (*last - *first) >= kMostPorts) {
      return std::unexpected("the ports " + quoted(ports) + " are out of order, or more than 1,000 in all");
    }
    for (int port = *first; port <= *last; ++port) {
      binds.push_back({std::string(host), static_cast<std::uint16_t>(port), place});
    }
    if (one.size() == text.size()) return binds;
    text.remove_prefix(one.size() + 1);
  }
}

Parsed<ServerAddress> parse_server_address(std::string_view text) {
  const auto address = without_family(text);
  if (!address) return std::unexpected(address.error());
  ServerAddress made;
  std::string_view host = *address;
  // A bare IPv6 address has several colons and no port.
  const std::size_t colon = address->rfind(':');
  const bool has_port = colon != std::string_view::npos &&
                        (address->find(':') == colon || (colon > 0 && (*address)[colon - 1] == ']'));
  if (has_port) {
    const std::string_view port = address->substr(colon + 1);
    if (port.starts_with('+') || port.starts_with('-')) {
      return std::unexpected("ports relative to the one that the client came to (" + quoted(port) +
                             ") are not there yet");
    }
    const auto number = parse_port(port);
    if (!number) return std::unexpected(number.error());
    made.port = *number;
    host = address->substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host == "*")
    return std::unexpected(quoted(text) + " names no server: HOST:PORT is expected");
  made.host = std::string(host);
  return made;
}

}  // namespace reseal::haproxy
