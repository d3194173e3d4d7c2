#include "lb/stats/haproxy_exporter.h"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <vector>

#include "lb/base/text.h"
#include "lb/stats/haproxy_info.h"
#include "lb/stats/haproxy_metrics.h"
#include "lb/stats/haproxy_stat.h"

namespace reseal::stats {
namespace {

using Form = RowMetric::Form;
using When = RowMetric::When;

// ---- what is asked for

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape =
        text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (is_escape) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// False: there is no such scope.
bool add_scope(ExporterWish& wish, std::string_view scope) {
  if (scope.empty()) return true;
  if (scope == "*") {
    wish = {true, true, true, true, true, wish.no_maint};
  } else if (scope == "global") {
    wish.process = true;
  } else if (scope == "frontend") {
    wish.frontends = true;
  } else if (scope == "backend") {
    wish.backends = true;
  } else if (scope == "server") {
    wish.servers = true;
  } else if (scope == "sticktable") {
    wish.stick_tables = true;
  } else {
    return scope == "listener";  // none of which has figures of its own
  }
  return true;
}

// ---- the text

constexpr std::array<std::string_view, 5> kStates = {"DOWN", "UP", "MAINT", "DRAIN", "NOLB"};
constexpr std::size_t kProxyStates = 2;  // the first of them
constexpr std::array<std::string_view, 16> kCheckResults = {
    "HANA",   "SOCKERR", "L4OK", "L4TOUT", "L4CON", "L6OK",    "L6TOUT",   "L6RSP",
    "L7TOUT", "L7RSP",   "L7OK", "L7OKC",  "L7STS", "PROCERR", "PROCTOUT", "PROCOK"};
constexpr std::array<std::string_view, 6> kClasses = {"1xx", "2xx", "3xx", "4xx", "5xx", "other"};

std::size_t state_of(const StatRow& row) {
  const std::string status = row.text(Column::kStatus);
  if (status.starts_with("UP") || status == "OPEN" || status == "no check") return 1;
  for (std::size_t i = 2; i < kStates.size(); ++i) {
    if (status.starts_with(kStates[i])) return i;
  }
  return 0;
}

std::string label_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

class Writer {
 public:
  Writer(std::vector<StatRow> rows, bool no_maint) : rows_(std::move(rows)), no_maint_(no_maint) {}

  void heading(std::string_view kind, std::string_view name, std::string_view help, bool is_counter) {
    name_ = fmt::format("haproxy_{}_{}", kind, name);
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name_, help, name_,
                   is_counter ? "counter" : "gauge");
  }
  void value(std::string_view labels, std::string_view value) {
    fmt::format_to(std::back_inserter(text_), "{}{} {}\n", name_, labels, value);
  }
  void row_metric(const RowMetric& metric, RowKind kind, std::string_view word);
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void add(const RowMetric& metric, const StatRow& row);
  void one_of(const StatRow& row, std::span<const std::string_view> states, std::size_t which);
  void servers_by(const StatRow& backend, std::span<const std::string_view> states, Form form);
  [[nodiscard]] std::string labels(const StatRow& row, std::string_view name = {},
                                   std::string_view value = {}) const;

  std::vector<StatRow> rows_;  // those in maintenance too: their backend counts them
  bool no_maint_;
  std::string name_;
  std::string text_;
};

std::string figure(const StatValue& value, Form form) {
  if (form == Form::kMilliseconds) {
    const auto* number = std::get_if<std::uint64_t>(&value);
    return number != nullptr ? fmt::format("{:.6f}", static_cast<double>(*number) / 1000) : "NaN";
  }
  return std::holds_alternative<std::monostate>(value) ? "NaN" : text_of(value);
}

std::string Writer::labels(const StatRow& row, std::string_view name, std::string_view value) const {
  std::string out = fmt::format("{{proxy=\"{}\"", label_text(row.text(Column::kPxname)));
  if (row.kind == RowKind::kServer)
    out += fmt::format(",server=\"{}\"", label_text(row.text(Column::kSvname)));
  if (!name.empty()) out += fmt::format(",{}=\"{}\"", name, value);
  return out + "}";
}

void Writer::one_of(const StatRow& row, std::span<const std::string_view> states, std::size_t which) {
  for (std::size_t i = 0; i < states.size(); ++i)
    value(labels(row, "state", states[i]), i == which ? "1" : "0");
}

std::size_t result_of(const StatRow& row) {
  const std::string word = row.text(Column::kCheckStatus);
  return static_cast<std::size_t>(std::ranges::find(kCheckResults, word) - kCheckResults.begin());
}

void Writer::servers_by(const StatRow& backend, std::span<const std::string_view> states, Form form) {
  std::vector<std::uint64_t> sums(states.size());
  bool has_servers = false;
  for (const StatRow& row : rows_) {
    if (row.kind != RowKind::kServer || row.proxy != backend.proxy) continue;
    has_servers = true;
    const std::size_t which = form == Form::kServersByStatus ? state_of(row) : result_of(row);
    if (which < sums.size()) ++sums[which];
  }
  for (std::size_t i = 0; has_servers && i < states.size(); ++i)
    value(labels(backend, "state", states[i]), std::to_string(sums[i]));
}

void Writer::add(const RowMetric& metric, const StatRow& row) {
  switch (metric.form) {
    case Form::kNumber:
    case Form::kMilliseconds: {
      const bool has_none = std::holds_alternative<std::monostate>(row[metric.column]);
      // Of a check that has told nothing HAProxy tells no time, and the code 0.
      if (has_none && metric.column == Column::kCheckDuration) return;
      const bool is_zero = has_none && metric.column == Column::kCheckCode;
      value(labels(row), is_zero ? "0" : figure(row[metric.column], metric.form));
      return;
    }
    case Form::kByClass:
      return;  // class by class: row_metric
    case Form::kStatus:
      one_of(row, std::span(kStates).first(row.kind == RowKind::kServer ? kStates.size() : kProxyStates),
             state_of(row));
      return;
    case Form::kCheckStatus:
      one_of(row, kCheckResults, result_of(row));
      return;
    case Form::kServersByStatus:
      servers_by(row, kStates, metric.form);
      return;
    case Form::kServersByCheck:
      servers_by(row, kCheckResults, metric.form);
      return;
  }
}

bool applies(const RowMetric& metric, const StatRow& row) {
  if (metric.when == When::kHttpOnly) return row.text(Column::kMode) != "tcp";
  if (metric.when == When::kCheckedOnly) return !row.text(Column::kCheckStatus).empty();
  return true;
}

void Writer::row_metric(const RowMetric& metric, RowKind kind, std::string_view word) {
  heading(word, metric.name, metric.help, metric.is_counter);
  const auto for_each_row = [&](auto visit) {
    for (const StatRow& row : rows_) {
      const bool is_left_out =
          no_maint_ && kind == RowKind::kServer && row.text(Column::kStatus).starts_with("MAINT");
      if (row.kind == kind && !is_left_out && applies(metric, row)) visit(row);
    }
  };
  if (metric.form != Form::kByClass) {
    for_each_row([&](const StatRow& row) { add(metric, row); });
    return;
  }
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    const auto column = static_cast<Column>(static_cast<std::size_t>(metric.column) + i);
    for_each_row([&](const StatRow& row) {
      value(labels(row, "code", kClasses[i]), figure(row[column], metric.form));
    });
  }
}

void add_process(Writer& out, const Snapshot& snapshot) {
  const InfoValues values = info_values(snapshot);
  for (const ProcessMetric& metric : process_metrics()) {
    out.heading("process", metric.name, metric.help, metric.is_counter);
    const auto found = values.find(metric.key);
    if (metric.name == "build_info") {
      out.value(fmt::format("{{version=\"{}\"}}", label_text(text_of(found->second))), "1");
    } else {
      out.value("", metric.key.empty() ? "NaN" : found == values.end() ? "0" : text_of(found->second));
    }
  }
}

void add_stick_tables(Writer& out, const Snapshot& snapshot) {
  const auto add = [&](std::string_view name, std::string_view help, auto figure) {
    if (snapshot.stick_tables.empty()) return;
    out.heading("sticktable", name, help, false);
    for (const StickTableSnapshot& table : snapshot.stick_tables) {
      out.value(fmt::format("{{name=\"{}\",type=\"{}\"}}", label_text(table.name), table.type),
                std::to_string(table.*figure));
    }
  };
  add("size", "Stick table size.", &StickTableSnapshot::size);
  add("used", "Number of entries used in this stick table.", &StickTableSnapshot::used);
}

}  // namespace

std::optional<ExporterWish> exporter_wish(std::string_view target) {
  ExporterWish wish;
  bool says_scope = false;
  std::string_view query = target.substr(std::min(target.find('?'), target.size()));
  while (!query.empty()) {
    query.remove_prefix(1);
    const std::string_view piece = query.substr(0, query.find('&'));
    query.remove_prefix(piece.size());
    const std::size_t equals = piece.find('=');
    const std::string key = unescaped(piece.substr(0, equals));
    if (key == "no-maint") wish.no_maint = true;
    if (key != "scope") continue;
    if (equals == std::string_view::npos) return std::nullopt;
    if (!says_scope) wish = {false, false, false, false, false, wish.no_maint};
    says_scope = true;
    if (!add_scope(wish, unescaped(piece.substr(equals + 1)))) return std::nullopt;
  }
  return wish;
}

std::string exporter_text(const Snapshot& snapshot, const ExporterWish& wish) {
  Writer out(stat_rows(snapshot, {}), wish.no_maint);
  if (wish.process) add_process(out, snapshot);
  const auto add_rows = [&](std::uint8_t bit, RowKind kind, std::string_view word) {
    for (const RowMetric& metric : row_metrics()) {
      if ((metric.rows & bit) != 0) out.row_metric(metric, kind, word);
    }
  };
  if (wish.frontends) add_rows(kFrontendRows, RowKind::kFrontend, "frontend");
  if (wish.backends) add_rows(kBackendRows, RowKind::kBackend, "backend");
  if (wish.servers) add_rows(kServerRows, RowKind::kServer, "server");
  if (wish.stick_tables) add_stick_tables(out, snapshot);
  return out.take();
}

}  // namespace reseal::stats
