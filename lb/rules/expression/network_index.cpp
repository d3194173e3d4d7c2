#include "lb/rules/expression/network_index.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"

namespace reseal::rules::expression {
namespace {

/// The leading ones of a dotted mask, if nothing follows them.
std::optional<std::uint64_t> bits_of_mask(std::string_view text) {
  const auto mask = parse_address(text);
  if (!mask || mask->type != Type::kIpv4) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | mask->bytes[i];
  const int bits = std::countl_one(value);
  if (std::popcount(value) != bits) return std::nullopt;
  return static_cast<std::uint64_t>(bits);
}

/// "10.12" is 10.0.0.12 and "192.168.1" is 192.168.0.1: the last number fills what is left.
std::optional<Sample> parse_short_ipv4(std::string_view text) {
  std::string bytes(4, '\0');
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t dot = text.find('.');
    const auto part = parse_decimal(text.substr(0, dot));
    const bool is_last = dot == std::string_view::npos;
    if (!part || *part > 255 || (is_last && i == 0)) return std::nullopt;
    bytes[is_last ? 3 : i] = static_cast<char>(*part);
    if (is_last) return Sample::address_of(bytes);
    text.remove_prefix(dot + 1);
  }
  return std::nullopt;
}

}  // namespace

std::expected<Network, std::string> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  auto address = parse_address(text.substr(0, slash));
  if (!address) address = parse_short_ipv4(text.substr(0, slash));
  if (!address) {
    return std::unexpected("'" + shortened(text) +
                           "' is not an IP address or block (accepted: 10.0.0.0/8, 2001:db8::/32, 192.0.2.7; "
                           "names are not looked up)");
  }
  const bool ipv4 = address->type == Type::kIpv4;
  std::optional<std::uint64_t> bits = ipv4 ? 32 : 128;
  if (slash != std::string_view::npos) {
    const std::string_view mask = text.substr(slash + 1);
    const std::uint64_t most = *bits;
    bits = parse_decimal(mask);
    if (!bits && ipv4) bits = bits_of_mask(mask);
    if (!bits || *bits > most) {
      return std::unexpected("'" + shortened(text) + "' has no prefix length from 0 to " +
                             std::to_string(most) + " behind '/'");
    }
  }
  Network network{ipv4, static_cast<std::uint8_t>(*bits), address->bytes};
  keep_bits(network.bytes, *bits);
  return network;
}

void keep_bits(Network::Bytes& bytes, std::size_t bits) {
  if (bits >= bytes.size() * 8) return;
  std::size_t whole = bits / 8;
  if (bits % 8 != 0) {
    bytes[whole] = static_cast<std::uint8_t>(bytes[whole] & 0xff00 >> bits % 8);
    ++whole;
  }
  std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(whole), bytes.end(), 0);
}

std::expected<void, std::string> NetworkIndex::add(std::string_view text, std::uint32_t number) {
  const auto network = parse_network(text);
  if (!network) return std::unexpected(network.error());
  (network->is_ipv4 ? ipv4_ : ipv6_).push_back({network->bytes, network->bits, number, -1});
  return {};
}

bool NetworkIndex::contains(const Block& block, const Bytes& address) {
  const std::size_t whole = block.bits / 8;
  if (std::memcmp(block.bytes.data(), address.data(), whole) != 0) return false;
  const unsigned rest = block.bits % 8;
  return rest == 0 || (block.bytes[whole] ^ address[whole]) >> (8 - rest) == 0;
}

void NetworkIndex::seal() {
  seal(ipv4_);
  seal(ipv6_);
}

void NetworkIndex::seal(std::vector<Block>& blocks) {
  const auto key = [](const Block& block) { return std::tie(block.bytes, block.bits); };
  std::ranges::stable_sort(blocks, {}, key);
  blocks.erase(std::unique(blocks.begin(), blocks.end(),
                           [&](const Block& a, const Block& b) { return key(a) == key(b); }),
               blocks.end());
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    std::int32_t parent = static_cast<std::int32_t>(i) - 1;
    while (parent >= 0 && !contains(blocks[static_cast<std::size_t>(parent)], blocks[i].bytes)) {
      parent = blocks[static_cast<std::size_t>(parent)].parent;
    }
    blocks[i].parent = parent;
  }
}

std::optional<std::uint32_t> NetworkIndex::find(const std::vector<Block>& blocks, const Bytes& address) {
  const auto behind = std::ranges::upper_bound(blocks, address, {}, &Block::bytes);
  for (auto i = static_cast<std::int32_t>(behind - blocks.begin()) - 1; i >= 0;) {
    const Block& block = blocks[static_cast<std::size_t>(i)];
    if (contains(block, address)) return block.number;
    i = block.parent;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> NetworkIndex::find(const Sample& address) const {
  return find_in_families<std::uint32_t>(
      address, [this](bool is_ipv4, const Bytes& bytes) { return find(is_ipv4 ? ipv4_ : ipv6_, bytes); });
}

}  // namespace reseal::rules::expression
