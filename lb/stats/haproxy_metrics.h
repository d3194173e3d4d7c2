// The metrics of HAProxy's exporter (version 2.6): names, words and kinds, which dashboards know, and where each figure comes
// from. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lb/stats/haproxy_columns.h"

namespace reseal::stats {

/// The rows that a metric is told of; bits.
enum MetricRows : std::uint8_t { kFrontendRows = 1, kBackendRows = 2, kServerRows = 4 };

struct RowMetric {
  /// How a figure is written.
  enum class Form : std::uint8_t {
    kNumber,
    kMilliseconds,     ///< as seconds
    kByClass,          ///< six columns from `column` on, with the label `code`
    kStatus,           ///< 1 for the state it is in, with the label `state`
    kCheckStatus,      ///< the same of the last check's result
    kServersByStatus,  ///< how many servers of a backend are in each state
    kServersByCheck,   ///< how many of them had which result
  };
  enum class When : std::uint8_t { kAlways, kHttpOnly, kCheckedOnly };

  std::string_view name;  ///< behind "haproxy_frontend_" and kin
  std::string_view help;
  bool is_counter;
  std::uint8_t rows;  ///< MetricRows
  Column column;
  Form form;
  When when;
};
/// In the order in which they are told.
std::span<const RowMetric> row_metrics();

struct ProcessMetric {
  std::string_view name;  ///< behind "haproxy_process_"
  std::string_view help;
  bool is_counter;
  std::string_view key;  ///< of `show info`; empty: there is no such figure
};
std::span<const ProcessMetric> process_metrics();

}  // namespace reseal::stats
