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

}  // namespace

const DataRow& data_row(DataType type) {
  return kRows[static_cast<std::size_t>(type)];
}

std::optional<DataType> data_type(std::string_view name) {
  const auto* row = std::ranges::find(kRows, name, &DataRow::name);
  if (row == kRows.end()) return std::nullopt;
  return static_cast<DataType>(row - kRows.begin());
}

}  // namespace reseal::rules::stick
