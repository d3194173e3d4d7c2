#include "lb/net/local_addresses.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "lb/net/fd.h"

namespace reseal::net {

bool is_of_this_machine(const Address& address) {
  const Fd socket(::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket.value() < 0) return false;
  sockaddr_storage any_port{};
  std::memcpy(&any_port, address.data(), address.size());
  if (any_port.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(any_port).sin6_port = 0;
  } else {
    reinterpret_cast<sockaddr_in&>(any_port).sin_port = 0;
  }
  return ::bind(socket.value(), reinterpret_cast<const sockaddr*>(&any_port), address.size()) == 0;
}

}  // namespace reseal::net
