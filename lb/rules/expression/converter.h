// The converters: what an expression does with a value. One row and one function for each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/expression/call.h"
#include "lb/rules/expression/environment.h"
#include "lb/rules/expression/sample.h"

namespace reseal::rules::expression {

struct ConverterRow {
  std::string_view name;
  std::string_view signature;  ///< as of FetchRow
  Type in;                     ///< the value is made one of this type beforehand
  Type out;
  /// Changes the value; false: there is none any more.
  bool (*apply)(const Call& call, Sample& sample);
  Prepare prepare = nullptr;
};

/// Null if there is none of that name.
const ConverterRow* find_converter(std::string_view name);
std::vector<std::string> converter_names();

// The tables; find_converter looks into each.
std::span<const ConverterRow> number_converters();
std::span<const ConverterRow> text_converters();
std::span<const ConverterRow> coding_converters();
std::span<const ConverterRow> json_converters();
std::span<const ConverterRow> hash_converters();
std::span<const ConverterRow> address_converters();
std::span<const ConverterRow> time_converters();
std::span<const ConverterRow> variable_converters();
std::span<const ConverterRow> map_converters();
std::span<const ConverterRow> stick_converters();
std::span<const ConverterRow> digest_converters();
std::span<const ConverterRow> bytes_converters();
std::span<const ConverterRow> language_converters();
std::span<const ConverterRow> state_converters();
std::span<const ConverterRow> query_converters();
std::span<const ConverterRow> fix_converters();
std::span<const ConverterRow> protobuf_converters();

}  // namespace reseal::rules::expression
