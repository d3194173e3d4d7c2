// Converters that find a field in a message of Protocol Buffers, bare or as gRPC frames it. Every byte of a message is looked at
// once for each part of the path, whatever the message says of lengths.
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"
#include "lb/rules/expression/converter.h"

namespace reseal::rules::expression {
namespace {

using Prepared = std::expected<void, std::string>;

enum class Wire : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
/// What is made of a field: `kOf` says of which wire types, `kBinary` of all.
enum class As : std::uint8_t { kBinary, kVarint, kZigzag, kFixed32, kSigned32, kFloat, kFixed64, kDouble };

struct TypeName {
  std::string_view name;
  As as;
};
constexpr TypeName kTypeNames[] = {
    {"int32", As::kVarint},      {"uint32", As::kVarint}, {"sint32", As::kZigzag},
    {"int64", As::kVarint},      {"uint64", As::kVarint}, {"sint64", As::kZigzag},
    {"bool", As::kVarint},       {"enum", As::kVarint},   {"fixed32", As::kFixed32},
    {"sfixed32", As::kSigned32}, {"float", As::kFloat},   {"fixed64", As::kFixed64},
    {"sfixed64", As::kFixed64},  {"double", As::kDouble}};

constexpr std::size_t kMostParts = 32;

/// `1.2.3`, a part a step. Nothing: it is no path.
std::optional<std::uint64_t> take_part(std::string_view& path) {
  const std::size_t dot = std::min(path.find('.'), path.size());
  const auto number = parse_decimal(path.substr(0, dot));
  path.remove_prefix(std::min(dot + 1, path.size()));
  return number;
}

Prepared prepare_field(std::vector<Argument>& arguments, const Environment&) {
  const std::string_view path = arguments[0].text;
  std::size_t parts = 0;
  for (std::string_view rest = path; !rest.empty(); ++parts) {
    const auto number = take_part(rest);
    if (!number || *number == 0 || *number > UINT32_MAX || parts == kMostParts)
      return std::unexpected(
          "'" + shortened(path) +
          "' is not the path of a field (accepted: numbers from 1 with dots between them)");
  }
  if (parts == 0 || path.ends_with('.')) return std::unexpected("the number of a field is expected");
  Argument& type = arguments[1];
  type.integer = static_cast<std::int64_t>(As::kBinary);
  if (!type.is_given) return {};
  const auto named = std::ranges::find(kTypeNames, std::string_view(type.text), &TypeName::name);
  if (named == std::end(kTypeNames))
    return std::unexpected(
        "'" + shortened(type.text) + "' is not a type of Protocol Buffers" +
        did_you_mean(type.text, {"int32", "uint32", "sint32", "int64", "uint64", "sint64", "bool", "enum",
                                 "fixed32", "sfixed32", "float", "fixed64", "sfixed64", "double"}));
  type.integer = static_cast<std::int64_t>(named->as);
  return {};
}

std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  constexpr unsigned int kBits = 64;
  std::uint64_t value = 0;
  for (unsigned int shift = 0; shift < kBits && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

struct Field {
  std::uint64_t number = 0;
  Wire wire = Wire::kVarint;
  std::string_view bytes;
};

/// The first one of `message`, which gets shorter by it. Nothing: there is none, or it is malformed.
std::optional<Field> take_field(std::string_view& message) {
  const auto key = take_varint(message);
  if (!key) return std::nullopt;
  Field field{*key >> 3, static_cast<Wire>(*key & 7), {}};
  std::uint64_t size = 0;
  switch (field.wire) {
    case Wire::kVarint: {
      std::string_view rest = message;
      if (!take_varint(rest)) return std::nullopt;
      size = message.size() - rest.size();
      break;
    }
    case Wire::kFixed64:
      size = 8;
      break;
    case Wire::kBytes: {
      const auto length = take_varint(message);
      if (!length) return std::nullopt;
      size = *length;
      break;
    }
    case Wire::kFixed32:
      size = 4;
      break;
    default:
      return std::nullopt;
  }
  if (size > message.size()) return std::nullopt;
  field.bytes = message.substr(0, size);
  message.remove_prefix(size);
  return field;
}

/// The first field at the end of that path.
std::optional<Field> find_field(std::string_view message, std::string_view path) {
  const auto number = take_part(path);
  while (const auto field = take_field(message)) {
    if (field->number != number) continue;
    if (path.empty()) return field;
    if (field->wire != Wire::kBytes) continue;
    if (const auto found = find_field(field->bytes, path)) return found;
  }
  return std::nullopt;
}

std::uint64_t fixed(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}
/// Without what is behind the point; nothing of what no integer can be.
std::optional<std::int64_t> whole(double value) {
  constexpr double kBound = 9.2e18;
  if (!std::isfinite(value) || std::abs(value) > kBound) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> number_of(const Field& field, As as) {
  std::string_view bytes = field.bytes;
  const auto is = [&](Wire wire) { return field.wire == wire; };
  switch (as) {
    case As::kVarint:
    case As::kZigzag: {
      const auto value = is(Wire::kVarint) ? take_varint(bytes) : std::nullopt;
      if (!value) return std::nullopt;
      return static_cast<std::int64_t>(as == As::kVarint ? *value : (*value >> 1) ^ (~(*value & 1) + 1));
    }
    case As::kFixed32:
      if (is(Wire::kFixed32)) return static_cast<std::int64_t>(fixed(bytes));
      return std::nullopt;
    case As::kSigned32:
      if (is(Wire::kFixed32)) return static_cast<std::int32_t>(fixed(bytes));
      return std::nullopt;
    case As::kFloat:
      if (is(Wire::kFixed32)) return whole(std::bit_cast<float>(static_cast<std::uint32_t>(fixed(bytes))));
      return std::nullopt;
    case As::kFixed64:
      if (is(Wire::kFixed64)) return static_cast<std::int64_t>(fixed(bytes));
      return std::nullopt;
    case As::kDouble:
      if (is(Wire::kFixed64)) return whole(std::bit_cast<double>(fixed(bytes)));
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

bool look_up(const Call& call, std::string_view message, Sample& sample) {
  const auto field = find_field(message, call.argument(0).text);
  if (!field) return false;
  const As as = static_cast<As>(call.argument(1).integer);
  if (as == As::kBinary) {
    sample = Sample::binary(field->bytes);
    return true;
  }
  const auto number = number_of(*field, as);
  if (number) sample = Sample::number(*number);
  return number.has_value();
}

bool apply_protobuf(const Call& call, Sample& sample) {
  return look_up(call, sample.text, sample);
}

/// Messages behind a byte and their length in four.
bool apply_ungrpc(const Call& call, Sample& sample) {
  constexpr std::size_t kHeader = 5;
  std::string_view rest = sample.text;
  while (rest.size() > kHeader) {
    std::size_t size = 0;
    for (std::size_t i = 1; i < kHeader; ++i) size = size << 8 | static_cast<unsigned char>(rest[i]);
    rest.remove_prefix(kHeader);
    if (size > rest.size()) return false;
    if (look_up(call, rest.substr(0, size), sample)) return true;
    rest.remove_prefix(size);
  }
  return false;
}

constexpr ConverterRow kRows[] = {
    {"protobuf", "s?s", Type::kBinary, Type::kBinary, apply_protobuf, prepare_field},
    {"ungrpc", "s?s", Type::kBinary, Type::kBinary, apply_ungrpc, prepare_field},
};

}  // namespace

std::span<const ConverterRow> protobuf_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
