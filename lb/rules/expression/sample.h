// The value that an expression works on, and the conversions between its types (HAProxy's casts). A plain value of views:
// whoever made it says how long they live. Any thread; what needs memory takes it from an arena.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "lb/base/arena.h"
#include "lb/net/address.h"

namespace reseal::rules::expression {

enum class Type : std::uint8_t {
  kAny,  ///< of rows only: whatever comes, or what is known at evaluation; no sample has it
  kBool,
  kInteger,
  kAddress,  ///< of rows only: kIpv4 or kIpv6
  kIpv4,
  kIpv6,
  kString,
  kBinary,
  kMethod,
};

/// What the manual calls it: "integer", "IPv4 address".
std::string_view type_name(Type type);

struct Sample {
  /// The longest text that evaluation makes; what would be longer is cut, or there is no sample where a part would mislead.
  static constexpr std::size_t kMostText = 16384;

  Type type = Type::kBool;
  std::int64_t integer = 0;              ///< of kInteger, and 0 or 1 of kBool
  std::array<std::uint8_t, 16> bytes{};  ///< of an address, in network order
  std::string_view text;                 ///< of kString, kBinary and kMethod

  static Sample boolean(bool value);
  static Sample number(std::int64_t value);
  static Sample string(std::string_view value);
  static Sample binary(std::string_view value);
  static Sample method(std::string_view value);
  /// IPv4 or IPv6 as the socket has it; nothing for an empty one.
  static std::optional<Sample> address(const net::Address& value);
  /// Four or sixteen bytes in network order.
  static Sample address_of(std::string_view bytes);
  [[nodiscard]] std::string_view address_bytes() const {
    return {reinterpret_cast<const char*>(bytes.data()), type == Type::kIpv4 ? 4U : 16U};
  }
  [[nodiscard]] bool is_text() const { return type >= Type::kString; }
  [[nodiscard]] bool is_address() const { return type == Type::kIpv4 || type == Type::kIpv6; }
};

/// A value of `from` may become one of `to`, for some values at least.
bool is_convertible(Type from, Type to);
bool convert_other(Sample& sample, Type to, Arena& arena);
/// Makes `sample` one of type `to`; false if this value cannot be one, and the sample is then of no use. Text that is made
/// is in `arena`. Most are of that type already, which costs no call.
inline bool convert(Sample& sample, Type to, Arena& arena) {
  return sample.type == to || to == Type::kAny || convert_other(sample, to, arena);
}

/// The integer that text begins with, saturated ("12ab" is 12, "x" is 0). Moves `text` behind it.
std::int64_t take_integer(std::string_view& text);
/// A whole text that is an integer.
std::optional<std::int64_t> parse_integer(std::string_view text);
/// "10.0.0.1" or "2001:db8::1", nothing around it. Allocates nothing.
std::optional<Sample> parse_address(std::string_view text);

}  // namespace reseal::rules::expression
