#include "lb/rules/stick/key.h"

#include <cstring>

namespace reseal::rules::stick {

using expression::Sample;
using expression::Type;

Type sample_type(KeyType type) {
  switch (type) {
    case KeyType::kIp:
      return Type::kIpv4;
    case KeyType::kIpv6:
      return Type::kIpv6;
    case KeyType::kInteger:
      return Type::kInteger;
    case KeyType::kString:
      return Type::kString;
    case KeyType::kBinary:
      break;
  }
  return Type::kBinary;
}

std::optional<std::string_view> key_of(Sample& sample, const Definition& definition, Arena& arena) {
  if (!convert(sample, sample_type(definition.type), arena)) return std::nullopt;
  if (sample.is_address()) return sample.address_bytes();
  if (definition.type == KeyType::kInteger) {
    const auto number = static_cast<std::uint32_t>(sample.integer);
    char* bytes = arena.allocate(sizeof number);
    std::memcpy(bytes, &number, sizeof number);
    return std::string_view(bytes, sizeof number);
  }
  if (definition.type == KeyType::kString || sample.text.size() >= definition.key_bytes)
    return sample.text.substr(0, definition.key_bytes);
  char* bytes = arena.allocate(definition.key_bytes);
  std::memcpy(bytes, sample.text.data(), sample.text.size());
  std::memset(bytes + sample.text.size(), 0, definition.key_bytes - sample.text.size());
  return std::string_view(bytes, definition.key_bytes);
}

}  // namespace reseal::rules::stick
