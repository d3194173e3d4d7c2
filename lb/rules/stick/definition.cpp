#include "lb/rules/stick/definition.h"

#include <algorithm>
#include <array>

namespace reseal::rules::stick {
namespace {

using Kind = DataRow::Kind;

constexpr std::array<DataRow, kDataTypes> kRows = {{
    {"server_id", Kind::kNumber, false},
    {"gpt0", Kind::kNumber, false},
    {"gpc0", Kind::kNumber, false},
    {"gpc0_rate", Kind::kRate, false},
    {"conn_cnt", Kind::kNumber, false},
    {"conn_rate", Kind::kRate, false},
    {"conn_cur", Kind::kNumber, false},
    {"sess_cnt", Kind::kNumber, false},
    {"sess_rate", Kind::kRate, false},
    {"http_req_cnt", Kind::kNumber, false},
    {"http_req_rate", Kind::kRate, false},
    {"http_err_cnt", Kind::kNumber, false},
    {"http_err_rate", Kind::kRate, false},
    {"bytes_in_cnt", Kind::kLongNumber, false},
    {"bytes_in_rate", Kind::kRate, false},
    {"bytes_out_cnt", Kind::kLongNumber, false},
    {"bytes_out_rate", Kind::kRate, false},
    {"gpc1", Kind::kNumber, false},
    {"gpc1_rate", Kind::kRate, false},
    {"server_key", Kind::kNumber, false},
    {"http_fail_cnt", Kind::kNumber, false},
    {"http_fail_rate", Kind::kRate, false},
    {"gpt", Kind::kNumber, true},
    {"gpc", Kind::kNumber, true},
    {"gpc_rate", Kind::kRate, true},
}};

constexpr std::array kKeyRows = {
    KeyRow{"ip", KeyType::kIp, 4},           KeyRow{"ipv6", KeyType::kIpv6, 16},
    KeyRow{"integer", KeyType::kInteger, 4}, KeyRow{"string", KeyType::kString, 32},
    KeyRow{"binary", KeyType::kBinary, 32},
};

/// Names of which one takes the place of the other.
struct Rivals {
  DataType array;
  std::array<DataType, 2> single;
  std::string_view names;
};
constexpr std::array kRivals = {
    Rivals{DataType::kGpt, {DataType::kGpt0, DataType::kGpt0}, "'gpt' and 'gpt0'"},
    Rivals{DataType::kGpc, {DataType::kGpc0, DataType::kGpc1}, "'gpc' and 'gpc0' or 'gpc1'"},
    Rivals{DataType::kGpcRate,
           {DataType::kGpc0Rate, DataType::kGpc1Rate},
           "'gpc_rate' and 'gpc0_rate' or 'gpc1_rate'"},
};

}  // namespace

const DataRow& data_row(DataType type) {
  return kRows[static_cast<std::size_t>(type)];
}

std::optional<DataType> data_type(std::string_view name) {
  const auto* row = std::ranges::find(kRows, name, &DataRow::name);
  if (row == kRows.end()) return std::nullopt;
  return static_cast<DataType>(row - kRows.begin());
}

std::span<const KeyRow> key_rows() {
  return kKeyRows;
}

std::string_view rivals_among(std::span<const Stored> stored) {
  const auto holds = [&](DataType type) {
    return std::ranges::find(stored, type, &Stored::type) != stored.end();
  };
  for (const Rivals& rivals : kRivals) {
    if (holds(rivals.array) && (holds(rivals.single[0]) || holds(rivals.single[1]))) return rivals.names;
  }
  return {};
}

}  // namespace reseal::rules::stick
