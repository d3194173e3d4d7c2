// Converters to hashes. None of them is for secrets.
#include "lb/rules/expression/converter.h"
#include "lb/rules/expression/hash.h"
#include "lb/rules/expression/xxh3.h"

namespace reseal::rules::expression {
namespace {

template <std::uint32_t (*kHash)(std::string_view)>
bool apply_hash(const Call& call, Sample& sample) {
  const std::uint32_t hash = kHash(sample.text);
  sample = Sample::number(call.argument(0).integer != 0 ? avalanche(hash) : hash);
  return true;
}
bool apply_xxh32(const Call& call, Sample& sample) {
  sample = Sample::number(xxh32_hash(sample.text, static_cast<std::uint32_t>(call.argument(0).integer)));
  return true;
}
bool apply_xxh64(const Call& call, Sample& sample) {
  const std::uint64_t hash = xxh64_hash(sample.text, static_cast<std::uint64_t>(call.argument(0).integer));
  sample = Sample::number(static_cast<std::int64_t>(hash));
  return true;
}

bool apply_xxh3(const Call& call, Sample& sample) {
  const std::uint64_t hash = xxh3_hash(sample.text, static_cast<std::uint64_t>(call.argument(0).integer));
  sample = Sample::number(static_cast<std::int64_t>(hash));
  return true;
}

constexpr ConverterRow kRows[] = {
    {"crc32", "?i", Type::kBinary, Type::kInteger, apply_hash<crc32_hash>},
    {"crc32c", "?i", Type::kBinary, Type::kInteger, apply_hash<crc32c_hash>},
    {"djb2", "?i", Type::kBinary, Type::kInteger, apply_hash<djb2_hash>},
    {"sdbm", "?i", Type::kBinary, Type::kInteger, apply_hash<sdbm_hash>},
    {"wt6", "?i", Type::kBinary, Type::kInteger, apply_hash<wt6_hash>},
    {"xxh3", "?i", Type::kBinary, Type::kInteger, apply_xxh3},
    {"xxh32", "?i", Type::kBinary, Type::kInteger, apply_xxh32},
    {"xxh64", "?i", Type::kBinary, Type::kInteger, apply_xxh64},
};

}  // namespace

std::span<const ConverterRow> hash_converters() {
  return kRows;
}

}  // namespace reseal::rules::expression
