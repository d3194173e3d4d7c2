#include "lb/net/cidr.h"

#include "lb/base/text.h"

namespace reseal::net {

std::expected<void, std::string> CidrSet::add(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash), 0);
  if (!address) return std::unexpected("not an IP address or block (10.0.0.0/8, 2001:db8::/32)");
  const std::string bytes(address->host_bytes());
  std::uint64_t bits = bytes.size() * 8;
  if (slash != std::string_view::npos) {
    const auto length = parse_decimal(text.substr(slash + 1));
    if (!length || *length > bits)
      return std::unexpected("the prefix length after '/' is not a number in range");
    bits = *length;
  }
  blocks_.push_back({bytes, static_cast<unsigned>(bits)});
  return {};
}

bool CidrSet::contains(const Address& address) const {
  const std::string_view bytes = address.host_bytes();
  for (const Block& block : blocks_) {
    if (block.bytes.size() != bytes.size()) continue;
    const std::size_t whole = block.bits / 8;
    if (bytes.substr(0, whole) != std::string_view(block.bytes).substr(0, whole)) continue;
    const unsigned rest = block.bits % 8;
    if (rest == 0) return true;
    const auto mask = static_cast<unsigned char>(0xff << (8 - rest));
    if (((static_cast<unsigned char>(bytes[whole]) ^ static_cast<unsigned char>(block.bytes[whole])) &
         mask) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace reseal::net
