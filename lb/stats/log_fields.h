// The fields of an access log line by name: one table, one row each (docs/access-log.md explains them). Pure.
#pragma once

#include <span>
#include <string_view>

#include "lb/stats/access_record.h"
#include "lb/stats/log_line.h"

namespace reseal::stats {

struct LogField {
  std::string_view name;
  enum class Kind : std::uint8_t { kText, kNumber } kind;  ///< kText stands between quotation marks in JSON
  std::size_t most;                                        ///< bytes it can take, quotation marks not counted
  /// Writes the value; false, with nothing written, when there is none.
  bool (*write)(const AccessRecord& record, LogLine& line);
  bool in_json = true;  ///< part of the format `json`
};

/// All of them, in the order in which JSON has them.
std::span<const LogField> log_fields();
/// Null when there is no such field.
const LogField* find_log_field(std::string_view name);

/// Bytes that a header field asked for by name can take.
inline constexpr std::size_t kMostHeaderField = 512;

}  // namespace reseal::stats
