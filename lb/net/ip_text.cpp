#include "lb/net/ip_text.h"

namespace reseal::net {

std::string_view ip_text(std::string_view bytes, std::span<char, INET6_ADDRSTRLEN> out) {
  if (bytes.size() != 4) return inet_ntop(AF_INET6, bytes.data(), out.data(), INET6_ADDRSTRLEN);
  char* at = out.data();
  for (const char byte : bytes) {
    const unsigned value = static_cast<unsigned char>(byte);
    if (at != out.data()) *at++ = '.';
    if (value >= 100) *at++ = static_cast<char>('0' + value / 100);
    if (value >= 10) *at++ = static_cast<char>('0' + value / 10 % 10);
    *at++ = static_cast<char>('0' + value % 10);
  }
  return {out.data(), static_cast<std::size_t>(at - out.data())};
}

}  // namespace reseal::net
