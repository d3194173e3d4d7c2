// What fetches and converters read and change of a stick table's entry: HAProxy's names, once for sc_, src_ and table_. Pure
// but for the entry.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/expression/environment.h"
#include "lb/rules/stick/table.h"

namespace reseal::rules::expression {

struct StickData {
  enum class Use : std::uint8_t {
    kRead,
    kReadKilobytes,
    kIncrement,  ///< number and rate
    kClear,      ///< gives the number that it had
    kUpdate,     ///< connections: one more
  };
  std::string_view fetch;      ///< behind "sc_", "src_"; empty: there is none
  std::string_view converter;  ///< behind "table_"; empty: there is none
  Use use;
  bool has_index;  ///< the element is an argument
  stick::DataType type;
  stick::DataType array = type;  ///< where the legacy type is not stored: this one's element
  std::uint32_t element = 0;
};

namespace stick_data_rows {
using enum stick::DataType;
using enum StickData::Use;
}  // namespace stick_data_rows

inline constexpr auto kStickData = [] {
  using namespace stick_data_rows;
  return std::to_array<StickData>({
      {"bytes_in_rate", "bytes_in_rate", kRead, false, kBytesInRate},
      {"bytes_out_rate", "bytes_out_rate", kRead, false, kBytesOutRate},
      {"clr_gpc", "clr_gpc", kClear, true, kGpc},
      {"clr_gpc0", "clr_gpc0", kClear, false, kGpc0, kGpc, 0},
      {"clr_gpc1", "clr_gpc1", kClear, false, kGpc1, kGpc, 1},
      {"conn_cnt", "conn_cnt", kRead, false, kConnCnt},
      {"conn_cur", "conn_cur", kRead, false, kConnCur},
      {"conn_rate", "conn_rate", kRead, false, kConnRate},
      {"get_gpc", "gpc", kRead, true, kGpc},
      {"get_gpc0", "gpc0", kRead, false, kGpc0, kGpc, 0},
      {"get_gpc1", "gpc1", kRead, false, kGpc1, kGpc, 1},
      {"get_gpt", "gpt", kRead, true, kGpt},
      {"get_gpt0", "gpt0", kRead, false, kGpt0, kGpt, 0},
      {"gpc_rate", "gpc_rate", kRead, true, kGpcRate},
      {"gpc0_rate", "gpc0_rate", kRead, false, kGpc0Rate, kGpcRate, 0},
      {"gpc1_rate", "gpc1_rate", kRead, false, kGpc1Rate, kGpcRate, 1},
      {"http_err_cnt", "http_err_cnt", kRead, false, kHttpErrCnt},
      {"http_err_rate", "http_err_rate", kRead, false, kHttpErrRate},
      {"http_fail_cnt", "http_fail_cnt", kRead, false, kHttpFailCnt},
      {"http_fail_rate", "http_fail_rate", kRead, false, kHttpFailRate},
      {"http_req_cnt", "http_req_cnt", kRead, false, kHttpReqCnt},
      {"http_req_rate", "http_req_rate", kRead, false, kHttpReqRate},
      {"inc_gpc", "inc_gpc", kIncrement, true, kGpc},
      {"inc_gpc0", "inc_gpc0", kIncrement, false, kGpc0, kGpc, 0},
      {"inc_gpc1", "inc_gpc1", kIncrement, false, kGpc1, kGpc, 1},
      {"kbytes_in", "kbytes_in", kReadKilobytes, false, kBytesInCnt},
      {"kbytes_out", "kbytes_out", kReadKilobytes, false, kBytesOutCnt},
      {"", "server_id", kRead, false, kServerId},
      {"sess_cnt", "sess_cnt", kRead, false, kSessCnt},
      {"sess_rate", "sess_rate", kRead, false, kSessRate},
      {"updt_conn_cnt", "", kUpdate, false, kConnCnt},
  });
}();

/// Increments are made where there was no entry before; everything else of such a key is 0.
inline bool makes_entry(StickData::Use use) {
  return use == StickData::Use::kIncrement || use == StickData::Use::kUpdate;
}
inline bool is_of_tracked(std::string_view suffix) {
  return !suffix.empty() && suffix != "updt_conn_cnt";
}

/// Reads or changes one piece of an entry; nothing where the table does not store it. `index`: of an array's element.
std::optional<std::uint64_t> use_stick_data(const StickData& data, stick::Table::Locked& entry,
                                            std::uint32_t index);

/// Counts: of a general purpose counter the number and its rate, whichever are stored; gives the number.
std::uint64_t increment_gpc(stick::Table::Locked& entry, const StickData& data, std::uint32_t index,
                            std::uint64_t count = 1);

/// A general purpose tag; false where it is not stored.
bool set_gpt(stick::Table::Locked& entry, const StickData& data, std::uint32_t index, std::uint64_t value);

/// The table is the last argument; where it is left out, it is that of the section.
std::expected<void, std::string> prepare_own_table(std::vector<Argument>& arguments,
                                                   const Environment& environment);

}  // namespace reseal::rules::expression
