#include "lb/net/address.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <cerrno>
#include <cstring>

#include "lb/base/text.h"
#include "lb/net/ip_text.h"

namespace reseal::net {

Address Address::from(const sockaddr* address, socklen_t length) {
  Address result;
  const bool known = address != nullptr && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
  if (known && length <= sizeof(result.storage_)) {
    std::memcpy(&result.storage_, address, length);
    result.length_ = length;
  }
  return result;
}

Address Address::of_unix_client(std::uint16_t number) {
  Address result;
  result.storage_.sin6_family = AF_UNIX;
  result.storage_.sin6_port = htons(number);
  result.length_ = sizeof(result.storage_);
  return result;
}

Result<Address> Address::parse(std::string_view host, std::uint16_t port) {
  const std::string text(host);
  sockaddr_in v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return from(reinterpret_cast<const sockaddr*>(&v4), sizeof(v4));
  }
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return from(reinterpret_cast<const sockaddr*>(&v6), sizeof(v6));
  }
  return fail(Code::kInternal, Origin::kLocal, "not a numeric IP address");
}

Result<std::vector<Address>> Address::resolve(const std::string& host, std::uint16_t port) {
  if (const auto numeric = parse(host, port)) return std::vector<Address>{*numeric};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (status != 0) {
    return fail(Code::kIo, Origin::kLocal, gai_strerror(status), status == EAI_SYSTEM ? errno : 0);
  }
  std::vector<Address> addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    addresses.push_back(from(info->ai_addr, static_cast<socklen_t>(info->ai_addrlen)).with_port(port));
  }
  freeaddrinfo(found);
  if (addresses.empty()) return fail(Code::kIo, Origin::kLocal, "the name has no address");
  return addresses;
}

Address Address::with_port(std::uint16_t port) const {
  Address other = *this;
  other.storage_.sin6_port = htons(port);  // sin_port is at the same place
  return other;
}

std::uint16_t Address::port() const {
  // sin_port and sin6_port are at the same place in both structures.
  return length_ == 0 ? std::uint16_t{0} : ntohs(storage_.sin6_port);
}

bool Address::is_loopback() const {
  const std::string_view bytes = host_bytes();
  if (bytes.size() == 4) return static_cast<unsigned char>(bytes[0]) == 127;
  return family() == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&storage_.sin6_addr);
}

std::string Address::host() const {
  char room[INET6_ADDRSTRLEN];
  return std::string(host(room));
}

std::string_view Address::host(std::span<char, INET6_ADDRSTRLEN> room) const {
  if (family() == AF_UNIX) return "unix";
  if (family() == AF_INET6)  // a mapped IPv4 address too
    return ip_text({reinterpret_cast<const char*>(&storage_.sin6_addr), 16}, room);
  return family() == AF_INET ? ip_text(host_bytes(), room) : std::string_view();
}

std::string Address::text() const {
  if (length_ == 0) return "unknown";
  if (family() == AF_UNIX && port() == 0) return "unix";  // a server
  const std::string port_text = std::to_string(port());
  return family() == AF_INET6 ? "[" + host() + "]:" + port_text : host() + ":" + port_text;
}

std::string_view Address::host_bytes() const {
  if (family() == AF_INET) {
    const auto& v4 = *reinterpret_cast<const sockaddr_in*>(&storage_);
    return {reinterpret_cast<const char*>(&v4.sin_addr), 4};
  }
  if (family() != AF_INET6) return {};
  const auto* bytes = reinterpret_cast<const char*>(&storage_.sin6_addr);
  if (IN6_IS_ADDR_V4MAPPED(&storage_.sin6_addr)) return {bytes + 12, 4};
  return {bytes, 16};
}

bool Address::operator==(const Address& other) const {
  return family() == other.family() && port() == other.port() && host_bytes() == other.host_bytes();
}

std::expected<HostPort, std::string> split_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::unexpected("no port: write host:port");
  std::string_view host = text.substr(0, colon);
  const auto port = parse_decimal(text.substr(colon + 1));
  if (!port || *port > 65535) return std::unexpected("the port is not a number from 0 to 65535");
  if (!host.empty() && host.front() == '[') {
    if (host.back() != ']') return std::unexpected("an IPv6 address is written [address]:port");
    host = host.substr(1, host.size() - 2);
    if (!Address::parse(host, 0)) return std::unexpected("not an IPv6 address between the brackets");
  } else if (host.find(':') != std::string_view::npos) {
    return std::unexpected("an IPv6 address is written [address]:port");
  }
  if (host.empty()) return std::unexpected("no host before the port; write * for every address");
  return HostPort{std::string(host), static_cast<std::uint16_t>(*port)};
}

}  // namespace reseal::net
