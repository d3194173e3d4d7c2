// Converters that look a value up in a stick table.
#include <utility>

#include "lb/rules/expression/converter.h"
#include "lb/rules/expression/stick_data.h"
#include "lb/rules/stick/key.h"

namespace reseal::rules::expression {
namespace {

using stick::Table;

/// False: the value cannot be a key of the table.
bool find(const Call& call, const Argument& named, Sample& sample, bool is_made, Table::Locked& entry) {
  Table& table = *named.table;
  const auto key = stick::key_of(sample, table.definition(), call.arena);
  if (!key) return false;
  entry = is_made ? table.find_or_add(*key, call.context.now) : table.find(*key, call.context.now);
  return true;
}

bool find(const Call& call, Sample& sample, bool is_made, Table::Locked& entry) {
  return find(call, call.arguments.back(), sample, is_made, entry);
}

template <std::size_t kData>
bool apply_data(const Call& call, Sample& sample) {
  const StickData& data = kStickData[kData];
  Table::Locked entry;
  if (!find(call, sample, makes_entry(data.use), entry)) return false;
  sample = Sample::number(0);
  if (!entry) return true;
  const std::int64_t index = data.has_index ? call.argument(0).integer : 0;
  if (index < 0 || index >= stick::Stored::kMostElements) return false;
  const auto value = use_stick_data(data, entry, static_cast<std::uint32_t>(index));
  if (!value) return false;
  sample = Sample::number(static_cast<std::int64_t>(*value));
  return true;
}

bool apply_in_table(const Call& call, Sample& sample) {
  Table::Locked entry;
  if (!find(call, sample, false, entry)) return false;
  sample = Sample::boolean(static_cast<bool>(entry));
  return true;
}
bool apply_trackers(const Call& call, Sample& sample) {
  Table::Locked entry;
  if (!find(call, sample, false, entry)) return false;
  // HAProxy counts the look-up itself.
  sample = Sample::number(entry ? entry.trackers() + 1 : 0);
  return true;
}

/// A table, and what is given for keys that it does not have.
template <std::int64_t (*kTime)(const Table::Locked&)>
bool apply_time(const Call& call, Sample& sample) {
  Table::Locked entry;
  if (!find(call, call.argument(0), sample, false, entry)) return false;
  const Argument& otherwise = call.argument(1);
  sample = Sample::number(entry ? kTime(entry) : otherwise.integer);
  return entry || otherwise.is_given;
}
std::int64_t time_left(const Table::Locked& entry) {
  return entry.time_left().value_or(Duration(0)).count();
}
std::int64_t idle_time(const Table::Locked& entry) {
  return entry.idle_time().count();
}

struct Rows {
  std::vector<std::pair<std::string, ConverterRow>> named;
  std::vector<ConverterRow> rows;
  Rows() {
    [&]<std::size_t... kData>(std::index_sequence<kData...>) {
      (add<kData>(), ...);
    }(std::make_index_sequence<kStickData.size()>());
    for (auto& [name, row] : named) {
      row.name = name;
      rows.push_back(row);
    }
    rows.push_back({"in_table", "?t", Type::kAny, Type::kBool, apply_in_table, prepare_own_table});
    rows.push_back({"table_expire", "t?i", Type::kAny, Type::kInteger, apply_time<time_left>});
    rows.push_back({"table_idle", "t?i", Type::kAny, Type::kInteger, apply_time<idle_time>});
    rows.push_back({"table_trackers", "?t", Type::kAny, Type::kInteger, apply_trackers, prepare_own_table});
  }
  template <std::size_t kData>
  void add() {
    const StickData& data = kStickData[kData];
    if (data.converter.empty()) return;
    named.push_back({"table_" + std::string(data.converter),
                     {"", data.has_index ? "i?t" : "?t", Type::kAny, Type::kInteger, apply_data<kData>,
                      prepare_own_table}});
  }
};

}  // namespace

std::span<const ConverterRow> stick_converters() {
  static const Rows all;
  return all.rows;
}

}  // namespace reseal::rules::expression
