// HAProxy's statistics: a row for each frontend, server and backend, in the columns and forms that its tools read (`show
// stat`, the page's CSV and JSON). What reseal has no figure of stays empty, as HAProxy leaves what does not apply. Pure.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "lb/stats/haproxy_columns.h"
#include "lb/stats/haproxy_value.h"
#include "lb/stats/snapshot.h"

namespace reseal::stats {

/// The numbers are those of the column `type`.
enum class RowKind : std::uint8_t { kFrontend, kBackend, kServer };

struct StatRow {
  RowKind kind = RowKind::kFrontend;
  int proxy = 0;
  int server = 0;
  std::array<StatValue, kColumns> values{};

  [[nodiscard]] const StatValue& operator[](Column column) const {
    return values[static_cast<std::size_t>(column)];
  }
  /// As the CSV has it; empty for what is empty.
  [[nodiscard]] std::string text(Column column) const { return text_of((*this)[column]); }
};

/// Which rows, and how much of them.
struct StatWish {
  int proxy = -1;                      ///< the number of one; -1: all
  unsigned kinds = ~0U;                ///< a bit for each: 1 frontends, 2 backends, 4 servers
  int server = -1;                     ///< the number of one; -1: all
  bool only_up = false;                ///< servers that are up
  bool no_maint = false;               ///< servers that are not in maintenance
  bool legends = true;                 ///< addresses, cookies, algorithms
  std::vector<std::string> proxies{};  ///< the names of those to be shown; none: all
  std::string scope{};                 ///< a part of the name
};

/// In the order of the proxies' numbers; of each the frontend, the servers, the backend.
std::vector<StatRow> stat_rows(const Snapshot& snapshot, const StatWish& wish);

/// With its heading.
std::string stat_csv(std::span<const StatRow> rows);
/// A line a value: "F.2.0.7.stot.1:MCP:u64:0".
std::string stat_typed(std::span<const StatRow> rows);
/// One line, without its end.
std::string stat_json(std::span<const StatRow> rows);

}  // namespace reseal::stats
