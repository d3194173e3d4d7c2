#include "lb/stats/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "lb/base/log.h"
#include "lb/base/text.h"

namespace reseal::stats {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kColumns = 17;
using Row = std::array<std::string, kColumns>;

constexpr std::array<const char*, kColumns> kHeadings = {"NAME",  "STATE", "QPS1s", "10s",  "60s",  "NOW",
                                                         "REQS",  "2xx",   "4xx",   "5xx",  "ERR",  "RETRY",
                                                         "p50ms", "p90ms", "p99ms", "FULL", "RESUM"};

std::string duration_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  if (whole < 120) return fmt::format("{}s", whole);
  if (whole < 2 * 3600) return fmt::format("{}m", whole / 60);
  return whole < 48 * 3600 ? fmt::format("{}h", whole / 3600) : fmt::format("{}d", whole / 86400);
}

/// A rate or milliseconds: one decimal while there is room for it.
std::string decimal(const Json& value) {
  const double number = value.get<double>();
  if (number < 999.95) return fmt::format("{:.1f}", number);
  return short_number(static_cast<std::uint64_t>(std::llround(number)));
}

std::string count(const Json& value) {
  const auto number = value.get<std::int64_t>();
  return short_number(number > 0 ? static_cast<std::uint64_t>(number) : 0);
}

/// Names and reasons come from files and peers: nothing in them reaches the terminal as a control character.
std::string word(const Json& value) {
  return escaped(value.get<std::string>());
}

Row row_of(const Json& e) {
  const bool is_server = e.at("kind") == "server";
  const Json& qps = e.at("qps");
  const Json& responses = e.at("responses");
  const Json& latency = e.at("latency_ms");
  const Json& handshakes = e.at("tls_handshakes");
  const Json errors =
      e.at("connect_errors").get<std::int64_t>() + e.at("response_errors").get<std::int64_t>();
  return {is_server ? "  " + word(e.at("name")) : word(e.at("kind")) + " " + word(e.at("name")),
          is_server ? fmt::format("{} {}", word(e.at("state")), duration_text(e.at("state_seconds"))) : "",
          decimal(qps.at("1s")),
          decimal(qps.at("10s")),
          decimal(qps.at("60s")),
          count(e.at("in_flight")),
          count(e.at("requests")),
          count(responses.at("2xx")),
          count(responses.at("4xx")),
          count(responses.at("5xx")),
          count(errors),
          count(e.at("retries")),
          decimal(latency.at("p50")),
          decimal(latency.at("p90")),
          decimal(latency.at("p99")),
          count(handshakes.at("full")),
          count(handshakes.at("resumed"))};
}

/// Cuts the middle out: names of servers tend to differ at their end.
std::string shortened(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  const std::size_t tail = (most - 1) / 2;
  return text.substr(0, most - 1 - tail) + "~" + text.substr(text.size() - tail);
}

std::string render(std::vector<Row>& rows) {
  constexpr std::size_t kLeftAligned = 2;
  constexpr std::size_t kShortestName = 16;
  std::array<std::size_t, kColumns> width{};
  std::size_t others = 0;
  for (std::size_t i = 0; i < kColumns; ++i) {
    for (const Row& row : rows) width[i] = std::max(width[i], row[i].size());
    if (i > 0) others += width[i] + 1;
  }
  const std::size_t room = kTableWidth > others + kShortestName ? kTableWidth - others : kShortestName;
  width[0] = std::min(width[0], room);
  std::string text;
  for (Row& row : rows) {
    row[0] = shortened(row[0], width[0]);
    std::string line;
    for (std::size_t i = 0; i < kColumns; ++i) {
      line += i < kLeftAligned ? fmt::format("{:<{}} ", row[i], width[i])
                               : fmt::format("{:>{}} ", row[i], width[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string report(const Json& json) {
  std::string out = fmt::format(
      "reseal {}  up {}  {}  generation {}  reloads {} ok, {} refused\n\n", word(json.at("version")),
      duration_text(json.at("uptime_seconds")), counted(json.at("workers").get<std::uint64_t>(), "worker"),
      json.at("generation").get<std::uint64_t>(), json.at("reloads").at("ok").get<int>(),
      json.at("reloads").at("refused").get<int>());
  std::vector<Row> rows(1);
  std::ranges::copy(kHeadings, rows.front().begin());
  for (const Json& entity : json.at("entities")) rows.push_back(row_of(entity));
  out += render(rows);
  std::string notes;
  for (const Json& entity : json.at("entities")) {
    if (entity.at("kind") == "backend" && entity.at("panics").get<bool>()) {
      notes += fmt::format("backend {} panics: too few servers are up, all of them get requests\n",
                           word(entity.at("name")));
    }
    if (entity.at("kind") != "server" || entity.at("state") == "up") continue;
    notes += fmt::format("{}/{} is {}: {}\n", word(entity.at("backend")), word(entity.at("name")),
                         word(entity.at("state")), word(entity.at("state_reason")));
  }
  for (const Json& warning : json.at("warnings")) notes += fmt::format("warning: {}\n", word(warning));
  return notes.empty() ? out : out + "\n" + notes;
}

}  // namespace

std::string short_number(std::uint64_t number) {
  if (number < 100'000) return std::to_string(number);
  static constexpr const char* kUnits[] = {"k", "M", "G", "T", "P", "E"};
  // `thousandths` of the unit: cut to three digits that count, never rounded up to the next power.
  std::uint64_t thousandths = number;
  std::size_t unit = 0;
  while (thousandths >= 1'000'000) {
    thousandths /= 1000;
    ++unit;
  }
  const std::uint64_t whole = thousandths / 1000;
  const std::uint64_t rest = thousandths % 1000;
  if (whole >= 100) return fmt::format("{}{}", whole, kUnits[unit]);
  if (whole >= 10) return fmt::format("{}.{}{}", whole, rest / 100, kUnits[unit]);
  return fmt::format("{}.{:02}{}", whole, rest / 10, kUnits[unit]);
}

std::expected<std::string, std::string> table_text(const std::string& json) {
  try {
    return report(Json::parse(json));
  } catch (const Json::exception& error) {
    return std::unexpected(std::string("the answer is not the statistics that were expected: ") +
                           error.what());
  }
}

}  // namespace reseal::stats
