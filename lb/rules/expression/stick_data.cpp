#include "lb/rules/expression/stick_data.h"

namespace reseal::rules::expression {
namespace {

using stick::DataType;
using stick::Field;
using stick::Record;

/// Where it is stored: as itself, or as an element of the array that has taken its place.
Field field_of(const Record& record, DataType type, const StickData& data, std::uint32_t index) {
  if (data.has_index) return {type, index};
  const Field itself{type};
  return record.stores(itself) ? itself : Field{data.array, data.element};
}

DataType rate_of(DataType type) {
  switch (type) {
    case DataType::kGpc0:
      return DataType::kGpc0Rate;
    case DataType::kGpc1:
      return DataType::kGpc1Rate;
    default:
      return DataType::kGpcRate;
  }
}

}  // namespace

std::uint64_t increment_gpc(stick::Table::Locked& entry, const StickData& data, std::uint32_t index,
                            std::uint64_t count) {
  std::uint64_t value = 0;
  StickData rate = data;
  rate.array = DataType::kGpcRate;
  const auto rated = entry->add(field_of(*entry, rate_of(data.type), rate, index), count);
  if (rated) value = *rated;
  const auto counted = entry->add(field_of(*entry, data.type, data, index), count);
  if (counted) value = *counted;
  if (rated || counted) entry.touch();
  return value;
}

bool set_gpt(stick::Table::Locked& entry, const StickData& data, std::uint32_t index, std::uint64_t value) {
  const bool is_stored = entry->set(field_of(*entry, data.type, data, index), value);
  if (is_stored) entry.touch();
  return is_stored;
}

std::optional<std::uint64_t> use_stick_data(const StickData& data, stick::Table::Locked& entry,
                                            std::uint32_t index) {
  const Field field = field_of(*entry, data.type, data, index);
  switch (data.use) {
    case StickData::Use::kRead:
      return entry->value(field);
    case StickData::Use::kReadKilobytes: {
      const auto bytes = entry->value(field);
      if (!bytes) return std::nullopt;
      return *bytes >> 10;
    }
    case StickData::Use::kIncrement:
      return increment_gpc(entry, data, index);
    case StickData::Use::kUpdate:
      entry.touch();
      return entry->add(field, 1);
    case StickData::Use::kClear:
      break;
  }
  const auto before = entry->value(field);
  if (before) {
    entry->set(field, 0);
    entry.touch();
  }
  return before;
}

std::expected<void, std::string> prepare_own_table(std::vector<Argument>& arguments,
                                                   const Environment& environment) {
  Argument& last = arguments.back();
  if (last.is_given || !environment.finds_names) return {};
  if (environment.tables == nullptr) return std::unexpected("stick tables are not available here");
  last.table = environment.tables->own();
  if (last.table == nullptr)
    return std::unexpected("this section has no stick table: name the one that is meant");
  return {};
}

}  // namespace reseal::rules::expression
