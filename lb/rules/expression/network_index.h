// Blocks of addresses in order, so that thousands of them cost no more than a few. Like AffixIndex, by bits.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/expression/sample.h"

namespace reseal::rules::expression {

/// A block of addresses: the first `bits` of `bytes`, all others zero.
struct Network {
  using Bytes = std::array<std::uint8_t, 16>;
  bool is_ipv4 = false;
  std::uint8_t bits = 0;
  Bytes bytes{};
};
/// "10.0.0.0/8", "10.0.0.0/255.0.0.0", "192.0.2.7", "2001:db8::/32". The error says in words what is wrong.
std::expected<Network, std::string> parse_network(std::string_view text);
/// All behind the first `bits` become zero.
void keep_bits(Network::Bytes& bytes, std::size_t bits);

/// The families in which an address is looked for. An IPv6 address that carries an IPv4 one (::ffff:, ::, 2002:) is looked for
/// among those blocks too, and an IPv4 one as ::ffff: among those of IPv6.
template <class Number, class Find>
std::optional<Number> find_in_families(const Sample& address, const Find& find) {
  constexpr Network::Bytes kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  constexpr std::uint8_t kSixToFour[2] = {0x20, 0x02};
  Network::Bytes other{};
  if (address.type == Type::kIpv4) {
    Network::Bytes bytes{};
    std::memcpy(bytes.data(), address.bytes.data(), 4);
    if (const auto found = find(true, bytes)) return found;
    other = kMapped;
    std::memcpy(other.data() + 12, address.bytes.data(), 4);
    return find(false, other);
  }
  if (const auto found = find(false, address.bytes)) return found;
  const std::uint8_t* bytes = address.bytes.data();
  if (std::memcmp(bytes, kSixToFour, sizeof(kSixToFour)) == 0) {
    std::memcpy(other.data(), bytes + 2, 4);
  } else if (std::memcmp(bytes, kMapped.data(), 12) == 0 || std::memcmp(bytes, other.data(), 12) == 0) {
    std::memcpy(other.data(), bytes + 12, 4);
  } else {
    return std::nullopt;
  }
  return find(true, other);
}

class NetworkIndex {
 public:
  /// As parse_network() reads it.
  std::expected<void, std::string> add(std::string_view text, std::uint32_t number);
  void seal();
  /// The smallest block that an address is in, of each family in turn (find_in_families).
  [[nodiscard]] std::optional<std::uint32_t> find(const Sample& address) const;

 private:
  using Bytes = Network::Bytes;
  struct Block {
    Bytes bytes{};
    std::uint8_t bits = 0;
    std::uint32_t number = 0;
    std::int32_t parent = -1;
  };
  static bool contains(const Block& block, const Bytes& address);
  static void seal(std::vector<Block>& blocks);
  static std::optional<std::uint32_t> find(const std::vector<Block>& blocks, const Bytes& address);

  std::vector<Block> ipv4_;
  std::vector<Block> ipv6_;
};

}  // namespace reseal::rules::expression
