#include "lb/stats/haproxy_stat.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

namespace reseal::stats {
namespace {

/// Text with a comma, a quote or a line's end is put in quotes, as HAProxy does (RFC 4180).
void append_csv(std::string& out, const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

/// Some columns are of another nature in another kind of row.
std::string_view tags_of(Column column, RowKind kind) {
  const bool is_server = kind == RowKind::kServer;
  if (column == Column::kAct || column == Column::kBck) return is_server ? "SGP" : "MGP";
  const bool is_rate = column == Column::kRate || column == Column::kRateMax;
  if (is_rate && kind == RowKind::kBackend) return "MGP";
  return facts_of(column).tags;
}

FieldFacts field_of(Column column, RowKind kind) {
  const ColumnFacts& facts = facts_of(column);
  return {static_cast<int>(column), facts.name, tags_of(column, kind), facts.type};
}

constexpr std::string_view kRowLetters = "FBS";
constexpr std::array<const char*, 3> kRowWords = {"Frontend", "Backend", "Server"};

template <class Visit>
void for_each_value(const StatRow& row, Visit visit) {
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (!std::holds_alternative<std::monostate>(row.values[i])) visit(static_cast<Column>(i), row.values[i]);
  }
}

}  // namespace

std::string stat_csv(std::span<const StatRow> rows) {
  std::string out = "# ";
  for (const ColumnFacts& column : kColumnFacts) {
    out += column.name;
    out += ',';
  }
  out += "-,\n";  // the columns of HAProxy's modules would follow
  for (const StatRow& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      append_csv(out, row.text(static_cast<Column>(i)));
      out += ',';
    }
    out += "-,\n";
  }
  return out;
}

std::string stat_typed(std::span<const StatRow> rows) {
  std::string out;
  for (const StatRow& row : rows) {
    for_each_value(row, [&](Column column, const StatValue& value) {
      fmt::format_to(std::back_inserter(out), "{}.{}.{}.", kRowLetters[static_cast<std::size_t>(row.kind)],
                     row.proxy, row.server);
      append_typed(out, field_of(column, row.kind), value);
    });
  }
  return out;
}

std::string stat_json(std::span<const StatRow> rows) {
  auto all = nlohmann::ordered_json::array();
  for (const StatRow& row : rows) {
    auto& made = all.emplace_back(nlohmann::ordered_json::array());
    for_each_value(row, [&](Column column, const StatValue& value) {
      nlohmann::ordered_json item;
      item["objType"] = kRowWords[static_cast<std::size_t>(row.kind)];
      item["proxyId"] = row.proxy;
      item["id"] = row.server;
      add_typed_members(item, field_of(column, row.kind), value);
      made.push_back(std::move(item));
    });
  }
  return all.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace reseal::stats
