// CRC32c of PROXY headers (RFC 9260 appendix A, reflected Castagnoli polynomial).
#include <array>

#include "lb/net/proxy_protocol_wire.h"

namespace reseal::net {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ ((value & 1) != 0 ? 0x82f63b78U : 0U);
    table[byte] = value;
  }
  return table;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::size_t zeros) {
  static constexpr std::array<std::uint32_t, 256> kTable = make_table();
  std::uint32_t value = ~0U;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const std::uint32_t byte =
        at >= zeros && at < zeros + kChecksumBytes ? 0 : static_cast<unsigned char>(bytes[at]);
    value = value >> 8 ^ kTable[(value ^ byte) & 0xff];
  }
  return ~value;
}

}  // namespace reseal::net
