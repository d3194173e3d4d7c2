#include "lb/rules/expression/converter.h"

namespace reseal::rules::expression {
namespace {

using Table = std::span<const ConverterRow> (*)();
constexpr Table kTables[] = {number_converters,   text_converters,    coding_converters, json_converters,
                             hash_converters,     address_converters, time_converters,   variable_converters,
                             map_converters,      stick_converters,   digest_converters, bytes_converters,
                             language_converters, state_converters,   query_converters,  fix_converters,
                             protobuf_converters};

}  // namespace

const ConverterRow* find_converter(std::string_view name) {
  for (const Table table : kTables) {
    for (const ConverterRow& row : table()) {
      if (row.name == name) return &row;
    }
  }
  return nullptr;
}

std::vector<std::string> converter_names() {
  std::vector<std::string> names;
  for (const Table table : kTables) {
    for (const ConverterRow& row : table()) names.emplace_back(row.name);
  }
  return names;
}

}  // namespace reseal::rules::expression
