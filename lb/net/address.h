// A socket address (IPv4 or IPv6 with port), as a value.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/base/error.h"

namespace reseal::net {

class Address {
 public:
  Address() = default;
  /// From the kernel's form. Families other than AF_INET/AF_INET6 give an empty address.
  static Address from(const sockaddr* address, socklen_t length);
  /// A client of a unix socket, which has no address: "unix", and in place of a port the number of the socket it came to.
  /// 0: of a server on a unix socket.
  static Address of_unix_client(std::uint16_t number);
  /// Numeric only: "10.0.0.1", "::1"; no name look-up.
  static Result<Address> parse(std::string_view host, std::uint16_t port);
  [[nodiscard]] Address with_port(std::uint16_t port) const;
  /// Numeric or name, blocking (getaddrinfo); every address found, in the resolver's order. Control thread
  /// only.
  static Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port);

  [[nodiscard]] const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t size() const { return length_; }
  [[nodiscard]] int family() const { return length_ == 0 ? AF_UNSPEC : storage_.sin6_family; }
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] bool is_loopback() const;

  /// "10.0.0.1" or "2001:db8::1".
  [[nodiscard]] std::string host() const;
  /// The same, in `room` or static: allocates nothing.
  [[nodiscard]] std::string_view host(std::span<char, INET6_ADDRSTRLEN> room) const;
  /// "10.0.0.1:80" or "[2001:db8::1]:80".
  [[nodiscard]] std::string text() const;
  /// The address bytes without the port (4 or 16; IPv4-mapped IPv6 gives 4): for hashing and matching.
  [[nodiscard]] std::string_view host_bytes() const;

  bool operator==(const Address& other) const;

 private:
  // The larger of the two families: 28 bytes, not the 128 of sockaddr_storage (two addresses a connection).
  sockaddr_in6 storage_{};
  socklen_t length_ = 0;
};

/// "host:port", "[v6]:port", "*:port" split; host "*" stays "*". Error: what is wrong, in words.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
std::expected<HostPort, std::string> split_host_port(std::string_view text);

}  // namespace reseal::net
