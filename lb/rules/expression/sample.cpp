#include "lb/rules/expression/sample.h"

#include <arpa/inet.h>

#include <cstring>
#include <limits>

#include "lb/base/text.h"
#include "lb/net/ip_text.h"

namespace reseal::rules::expression {
namespace {

constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string_view integer_text(std::int64_t value, Arena& arena) {
  const bool negative = value < 0;
  const DecimalText digits(negative ? -static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value));
  const std::string_view text = digits.view();
  char* out = arena.allocate(text.size() + 1);
  char* at = out;
  if (negative) *at++ = '-';
  std::memcpy(at, text.data(), text.size());
  return {out, text.size() + (negative ? 1 : 0)};
}

std::string_view address_text(const Sample& sample, Arena& arena) {
  char* out = arena.allocate(INET6_ADDRSTRLEN);
  return net::ip_text(sample.address_bytes(), std::span<char, INET6_ADDRSTRLEN>(out, INET6_ADDRSTRLEN));
}

void map_to_ipv6(Sample& sample) {
  std::array<std::uint8_t, 16> mapped{};
  std::memcpy(mapped.data(), kMapped, sizeof(kMapped));
  std::memcpy(mapped.data() + 12, sample.bytes.data(), 4);
  sample.bytes = mapped;
  sample.type = Type::kIpv6;
}

void integer_to_ipv4(Sample& sample) {
  const auto value = static_cast<std::uint64_t>(sample.integer);
  for (std::size_t i = 0; i < 4; ++i) sample.bytes[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  sample.type = Type::kIpv4;
}

bool from_integer(Sample& sample, Type to, Arena& arena) {
  switch (to) {
    case Type::kAddress:
    case Type::kIpv4:
      integer_to_ipv4(sample);
      return true;
    case Type::kIpv6:
      integer_to_ipv4(sample);
      map_to_ipv6(sample);
      return true;
    case Type::kBinary: {
      char* out = arena.allocate(8);
      for (std::size_t i = 0; i < 8; ++i) {
        out[i] = static_cast<char>(static_cast<std::uint64_t>(sample.integer) >> (56 - 8 * i));
      }
      sample = Sample::binary({out, 8});
      return true;
    }
    case Type::kString:
      sample = Sample::string(integer_text(sample.integer, arena));
      return true;
    default:
      sample.integer = to == Type::kBool ? static_cast<std::int64_t>(sample.integer != 0) : sample.integer;
      sample.type = to;
      return true;
  }
}

bool from_address(Sample& sample, Type to, Arena& arena) {
  if (to == Type::kString) {
    sample = Sample::string(address_text(sample, arena));
  } else if (to == Type::kBinary) {
    sample = Sample::binary(arena.copy(sample.address_bytes()));
  } else if (to == Type::kIpv6) {
    map_to_ipv6(sample);
  } else if (to == Type::kIpv4) {
    if (std::memcmp(sample.bytes.data(), kMapped, sizeof(kMapped)) != 0) return false;
    std::memcpy(sample.bytes.data(), sample.bytes.data() + 12, 4);
    sample.type = Type::kIpv4;
  } else if (to == Type::kInteger) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | sample.bytes[i];
    sample = Sample::number(value);
  }
  return true;
}

bool from_text(Sample& sample, Type to) {
  switch (to) {
    case Type::kBool:
    case Type::kInteger: {
      if (sample.text.empty()) return false;
      std::string_view rest = sample.text;
      const std::int64_t value = take_integer(rest);
      sample = to == Type::kBool ? Sample::boolean(value != 0) : Sample::number(value);
      return true;
    }
    case Type::kAddress:
    case Type::kIpv4:
    case Type::kIpv6: {
      const auto address = parse_address(sample.text);
      if (!address) return false;
      sample = *address;
      if (to == Type::kIpv6 && sample.type == Type::kIpv4) map_to_ipv6(sample);
      return to != Type::kIpv4 || sample.type == Type::kIpv4;
    }
    default:
      // As HAProxy's strings, which end at a NUL.
      if (sample.type == Type::kBinary && to == Type::kString)
        sample.text = sample.text.substr(0, sample.text.find('\0'));
      sample.type = to;
      return true;
  }
}

}  // namespace

std::string_view type_name(Type type) {
  constexpr std::string_view kNames[] = {"any",          "boolean", "integer", "address", "IPv4 address",
                                         "IPv6 address", "string",  "binary",  "method"};
  return kNames[static_cast<std::size_t>(type)];
}

Sample Sample::boolean(bool value) {
  Sample sample;
  sample.integer = value ? 1 : 0;
  return sample;
}
Sample Sample::number(std::int64_t value) {
  Sample sample;
  sample.type = Type::kInteger;
  sample.integer = value;
  return sample;
}
Sample Sample::string(std::string_view value) {
  Sample sample;
  sample.type = Type::kString;
  sample.text = value;
  return sample;
}
Sample Sample::binary(std::string_view value) {
  Sample sample = string(value);
  sample.type = Type::kBinary;
  return sample;
}
Sample Sample::method(std::string_view value) {
  Sample sample = string(value);
  sample.type = Type::kMethod;
  return sample;
}
Sample Sample::address_of(std::string_view bytes) {
  Sample sample;
  sample.type = bytes.size() == 4 ? Type::kIpv4 : Type::kIpv6;
  std::memcpy(sample.bytes.data(), bytes.data(), bytes.size() == 4 ? 4 : 16);
  return sample;
}
std::optional<Sample> Sample::address(const net::Address& value) {
  const std::string_view bytes = value.host_bytes();
  if (bytes.empty()) return std::nullopt;
  return address_of(bytes);
}

bool is_convertible(Type from, Type to) {
  const auto is_ip = [](Type type) { return type >= Type::kAddress && type <= Type::kIpv6; };
  if (from == to || from == Type::kAny || to == Type::kAny) return true;
  switch (from) {
    case Type::kBool:
      return to == Type::kInteger || to == Type::kString;
    case Type::kInteger:
      return to != Type::kMethod;
    case Type::kAddress:
    case Type::kIpv4:
      return is_ip(to) || to == Type::kInteger || to == Type::kString || to == Type::kBinary;
    case Type::kIpv6:
      return is_ip(to) || to == Type::kString || to == Type::kBinary;
    case Type::kString:
      return true;
    case Type::kBinary:
      return to == Type::kString || to == Type::kMethod;
    default:  // kMethod
      return to == Type::kString || to == Type::kBinary;
  }
}

bool convert_other(Sample& sample, Type to, Arena& arena) {
  if (to == Type::kAddress && sample.is_address()) return true;
  if (!is_convertible(sample.type, to)) return false;
  if (sample.is_address()) return from_address(sample, to, arena);
  return sample.is_text() ? from_text(sample, to) : from_integer(sample, to, arena);
}

std::int64_t take_integer(std::string_view& text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  // Counted downwards: the least number has no positive counterpart.
  std::int64_t value = 0;
  bool overflown = false;
  while (!text.empty() && is_digit(text.front())) {
    overflown = overflown || __builtin_mul_overflow(value, 10, &value) ||
                __builtin_sub_overflow(value, text.front() - '0', &value);
    text.remove_prefix(1);
  }
  if (overflown) value = std::numeric_limits<std::int64_t>::min();
  if (negative) return value;
  return value == std::numeric_limits<std::int64_t>::min() ? std::numeric_limits<std::int64_t>::max()
                                                           : -value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty()) return std::nullopt;
  const std::int64_t value = take_integer(text);
  if (!text.empty()) return std::nullopt;
  return value;
}

std::optional<Sample> parse_address(std::string_view text) {
  char copy[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof(copy)) return std::nullopt;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  if (std::strlen(copy) != text.size()) return std::nullopt;
  Sample sample;
  sample.type = Type::kIpv4;
  if (inet_pton(AF_INET, copy, sample.bytes.data()) == 1) return sample;
  sample.type = Type::kIpv6;
  if (inet_pton(AF_INET6, copy, sample.bytes.data()) == 1) return sample;
  return std::nullopt;
}

}  // namespace reseal::rules::expression
