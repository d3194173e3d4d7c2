#include "lb/haproxy/values.h"

#include <array>

#include "lb/base/text.h"
#include "lb/config/did_you_mean.h"
#include "lb/config/server_host.h"
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

struct PlainAddress {
  std::string_view text;  ///< host and port
  char family = 0;        ///< '4' or '6' where one is demanded
};

/// Without "ipv4@" and its kin in front; an error for families that reseal does not have.
Parsed<PlainAddress> without_family(std::string_view text) {
  PlainAddress plain{text};
  if (plain.text.starts_with("stream+")) plain.text.remove_prefix(7);
  for (const std::string_view family : {"ipv4@", "ipv6@", "tcp4@", "tcp6@", "tcp@"}) {
    if (!plain.text.starts_with(family)) continue;
    plain.text.remove_prefix(family.size());
    plain.family = family.find('4') != std::string_view::npos   ? '4'
                   : family.find('6') != std::string_view::npos ? '6'
                                                                : '\0';
    break;
  }
  if (const std::size_t at = plain.text.find('@'); at != std::string_view::npos) {
    return std::unexpected("addresses of the kind " + quoted(plain.text.substr(0, at + 1)) +
                           " are not there; an IPv4 or IPv6 address is, unix@, abns@, and for 'bind' fd@");
  }
  return plain;
}

/// The host without brackets; an error if it is of the other family than the one demanded.
Parsed<std::string> host_of(const PlainAddress& address, std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const bool is_v6 = host.find(':') != std::string_view::npos;
  const auto literal = net::Address::parse(host, 0);
  if ((address.family == '4' && is_v6) || (address.family == '6' && literal && !is_v6)) {
    return std::unexpected(quoted(host) + " is no address of IPv" + address.family);
  }
  return std::string(host);
}

/// "fd@3", "unix@/run/web.sock", "/run/web.sock", "abns@web"; nothing: it is none of these.
std::optional<Parsed<config::Bind>> parse_socket(std::string_view text, config::Place place) {
  if (text.starts_with("stream+")) text.remove_prefix(7);
  config::Bind bind;
  bind.place = place;
  const auto with_name = [&](config::BindKind kind, std::string_view name) -> Parsed<config::Bind> {
    constexpr std::size_t kMost = 107;
    if (name.empty() || name.size() > kMost)
      return std::unexpected(quoted(text) + ": the name of a unix socket has 1 to 107 bytes");
    bind.kind = kind;
    bind.host = name;
    return bind;
  };
  if (text.starts_with("unix@")) return with_name(config::BindKind::kUnix, text.substr(5));
  if (text.starts_with('/')) return with_name(config::BindKind::kUnix, text);
  if (text.starts_with("abns@")) return with_name(config::BindKind::kAbstract, text.substr(5));
  if (text.starts_with("uxst@")) return with_name(config::BindKind::kUnix, text.substr(5));
  if (!text.starts_with("fd@")) return std::nullopt;
  constexpr std::uint64_t kMostDescriptors = 1'000'000;
  const auto number = parse_decimal(text.substr(3));
  if (!number || *number > kMostDescriptors)
    return std::unexpected(quoted(text) + ": the number of an inherited descriptor is expected behind fd@");
  bind.kind = config::BindKind::kDescriptor;
  bind.descriptor = static_cast<int>(*number);
  return bind;
}

bool is_quic(std::string_view address) {
  return address.starts_with("quic4@") || address.starts_with("quic6@");
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
    const bool is_last = one.size() == text.size();
    if (const auto socket = parse_socket(one, place); socket || is_quic(one)) {
      if (socket && !*socket) return std::unexpected(socket->error());
      if (socket) binds.push_back(**socket);
      if (is_last) return binds;
      text.remove_prefix(one.size() + 1);
      continue;
    }
    const auto address = without_family(one);
    if (!address) return std::unexpected(address.error());
    const std::size_t colon = address->text.rfind(':');
    if (colon == std::string_view::npos) {
      return std::unexpected(quoted(one) + " has no port: ADDRESS:PORT, :PORT or *:PORT is expected");
    }
    auto host = host_of(*address, address->text.substr(0, colon));
    if (!host) return std::unexpected(host.error());
    if (host->empty() || *host == "*") *host = address->family == '6' ? "::" : "*";
    const std::string_view ports = address->text.substr(colon + 1);
    const std::size_t dash = ports.find('-');
    const auto first = parse_port(ports.substr(0, dash), 0);
    if (!first) return std::unexpected(first.error());
    const auto last = dash == std::string_view::npos ? first : parse_port(ports.substr(dash + 1));
    if (!last) return std::unexpected(last.error());
    if (*last < *first || binds.size() + (*last - *first) >= kMostPorts) {
      return std::unexpected("the ports " + quoted(ports) + " are out of order, or more than 1,000 in all");
    }
    for (int port = *first; port <= *last; ++port) {
      binds.push_back({*host, static_cast<std::uint16_t>(port), place});
    }
    if (is_last) return binds;
    text.remove_prefix(one.size() + 1);
  }
}

Parsed<ServerAddress> parse_server_address(std::string_view text) {
  if (const auto socket = parse_socket(text, {}); socket && (!*socket || (*socket)->descriptor < 0)) {
    if (!*socket) return std::unexpected(socket->error());
    const bool is_abstract = (*socket)->kind == config::BindKind::kAbstract;
    const std::string_view kind = is_abstract ? config::kAbstractSocket : config::kPathSocket;
    return ServerAddress{std::string(kind) + (*socket)->host, 0, std::nullopt};
  }
  const auto address = without_family(text);
  if (!address) return std::unexpected(address.error());
  ServerAddress made;
  std::string_view host = address->text;
  // A bare IPv6 address has several colons and no port.
  const std::size_t colon = host.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (host.find(':') == colon || (colon > 0 && host[colon - 1] == ']'));
  if (has_port) {
    const std::string_view port = host.substr(colon + 1);
    const bool has_sign = port.starts_with('+') || port.starts_with('-');
    if (has_sign || port.empty() || port == "0") {
      const auto number = has_sign ? parse_port(port.substr(1), 0) : 0;
      if (!number) return std::unexpected(number.error());
      made.port_offset = port.starts_with('-') ? -*number : *number;
    } else {
      const auto number = parse_port(port);
      if (!number) return std::unexpected(number.error());
      made.port = *number;
    }
    host = host.substr(0, colon);
  } else {
    made.port_offset = 0;
  }
  auto name = host_of(*address, host);
  if (!name) return std::unexpected(name.error());
  if (name->empty() || *name == "*") {
    return std::unexpected(quoted(text) + " names no server: HOST:PORT is expected");
  }
  if (*name == "0.0.0.0" || *name == "::") {
    return std::unexpected(quoted(text) +
                           ": the address that the client came to is not there yet as a server's");
  }
  if (address->family != 0 && !net::Address::parse(*name, 0)) {
    return std::unexpected(quoted(text) + ": a family can be demanded of numeric addresses only");
  }
  made.host = std::move(*name);
  return made;
}

Parsed<ServerAddress> parse_source_address(std::string_view text) {
  const std::string_view host = text.substr(0, text.find(':'));
  if (host == "*" || host == "0.0.0.0" || text == "::") return ServerAddress{};
  auto where = parse_server_address(text);
  if (where && !net::Address::parse(where->host, 0))
    return std::unexpected(quoted(text) + " is no numeric address of this machine");
  return where;
}

}  // namespace reseal::haproxy
