// Converters of bytes to numbers in text.
#include <algorithm>

#include "lb/base/text.h"
#include "lb/rules/expression/bounded_text.h"
#include "lb/rules/expression/converter.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;
constexpr std::int64_t kMostBytesOfNumber = 8;

/// `be2dec(separator, size, truncate)`
Prepared prepare_decimal(std::vector<Argument>& arguments, const Environment&) {
  const std::int64_t size = arguments[1].integer;
  if (size < 1 || size > kMostBytesOfNumber) return std::unexpected("numbers have 1 to 8 bytes");
  if (arguments[2].integer != 0 && arguments[2].integer != 1)
    return std::unexpected("the last argument is 0, or 1 to leave out a last number of fewer bytes");
  return {};
}
enum class Order : std::uint8_t { kBigEndian, kLittleEndian };

std::uint64_t number_of(std::string_view bytes, Order order) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char byte = order == Order::kBigEndian ? bytes[i] : bytes[bytes.size() - 1 - i];
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

template <Order kOrder>
bool apply_decimal(const Call& call, Sample& sample) {
  const auto size = static_cast<std::size_t>(call.argument(1).integer);
  BoundedText out;
  for (std::string_view rest = sample.text; !rest.empty();) {
    const std::string_view piece = rest.substr(0, size);
    if (piece.size() < size && call.argument(2).integer != 0) break;
    if (rest.size() < sample.text.size()) out.add(call.argument(0).text);
    out.add(DecimalText(number_of(piece, kOrder)).view());
    rest.remove_prefix(piece.size());
  }
  sample = Sample::string(out.copy_to(call.arena));
  return true;
}

/// `be2hex(separator, size, truncate)`
Prepared prepare_hex(std::vector<Argument>& arguments, const Environment&) {
  Argument& size = arguments[1];
  if (arguments[0].text.empty() && !size.is_given)
    size.integer = static_cast<std::int64_t>(Sample::kMostText);
  if (size.integer < 1) return std::unexpected("pieces have at least one byte");
  if (arguments[2].integer != 0 && arguments[2].integer != 1)
    return std::unexpected("the last argument is 0, or 1 to leave out a last piece of fewer bytes");
  return {};
}
bool apply_hex(const Call& call, Sample& sample) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto size = static_cast<std::size_t>(call.argument(1).integer);
  BoundedText out;
  for (std::string_view rest = sample.text; !rest.empty();) {
    const std::string_view piece = rest.substr(0, size);
    if (piece.size() < size && call.argument(2).integer != 0) break;
    if (rest.size() < sample.text.size()) out.add(call.argument(0).text);
    for (const char byte : piece) {
      out.add(kDigits[static_cast<unsigned char>(byte) >> 4]);
      out.add(kDigits[static_cast<unsigned char>(byte) & 15]);
    }
    rest.remove_prefix(piece.size());
  }
  sample = Sample::string(out.copy_to(call.arena));
  return true;
}

constexpr ConverterRow kRows[] = {
    {"be2dec", "si?i", Type::kBinary, Type::kString, apply_decimal<Order::kBigEndian>, prepare_decimal},
    {"be2hex", "?sii", Type::kBinary, Type::kString, apply_hex, prepare_hex},
    {"le2dec", "si?i", Type::kBinary, Type::kString, apply_decimal<Order::kLittleEndian>, prepare_decimal},
};

}  // namespace

std::span<const ConverterRow> bytes_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
