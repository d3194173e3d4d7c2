#include "lb/stats/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

namespace reseal::stats {
namespace {

using Row = std::vector<std::string>;

std::string duration_text(double seconds) {
  const auto whole = static_cast<long>(seconds);
  if (whole < 120) return fmt::format("{}s", whole);
  if (whole < 2 * 3600) return fmt::format("{}m", whole / 60);
  return whole < 48 * 3600 ? fmt::format("{}h", whole / 3600) : fmt::format("{}d", whole / 86400);
}

Row row_of(const nlohmann::json& e) {
  const std::string kind = e.at("kind");
  const std::string name = kind == "server" ? "  " + e.at("name").get<std::string>()
                                            : kind + " " + e.at("name").get<std::string>();
  const std::string state = kind == "server" ? fmt::format("{} {}", e.at("state").get<std::string>(),
                                                           duration_text(e.at("state_seconds")))
                                             : "";
  const auto& responses = e.at("responses");
  const auto number = [](const nlohmann::json& value) { return std::to_string(value.get<std::int64_t>()); };
  const auto rate = [&](const char* window) { return fmt::format("{:.1f}", e.at("qps").at(window).get<double>()); };
  const auto latency = [&](const char* q) { return fmt::format("{:.1f}", e.at("latency_ms").at(q).get<double>()); };
  const auto errors = e.at("connect_errors").get<std::int64_t>() + e.at("response_errors").get<std::int64_t>();
  return {name, state, rate("1s"), rate("10s"), rate("60s"), number(e.at("in_flight")), number(e.at("requests")),
          number(responses.at("2xx")), number(responses.at("4xx")), number(responses.at("5xx")), std::to_string(errors),
          number(e.at("retries")), latency("p50"), latency("p99"), number(e.at("tls_handshakes").at("full")),
          number(e.at("tls_handshakes").at("resumed"))};
}

std::string render(const std::vector<Row>& rows) {
  constexpr std::size_t kLeftAligned = 2;
  std::vector<std::size_t> width(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += i < kLeftAligned ? fmt::format("{:<{}} ", row[i], width[i]) : fmt::format("{:>{}} ", row[i], width[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace

std::expected<std::string, std::string> table_text(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    std::string out = fmt::format("reseal {}  up {}  {} workers  generation {}  reloads {} ok, {} refused\n\n",
                                  json.at("version").get<std::string>(), duration_text(json.at("uptime_seconds")),
                                  json.at("workers").get<int>(), json.at("generation").get<int>(),
                                  json.at("reloads").at("ok").get<int>(), json.at("reloads").at("refused").get<int>());
    std::vector<Row> rows = {{"NAME", "STATE", "QPS1s", "10s", "60s", "NOW", "REQUESTS", "2xx", "4xx", "5xx", "ERR",
                              "RETRY", "p50ms", "p99ms", "FULL", "RESUMED"}};
    for (const auto& entity : json.at("entities")) rows.push_back(row_of(entity));
    out += render(rows);
    for (const auto& entity : json.at("entities")) {
      if (entity.at("kind") != "server" || entity.at("state") == "up") continue;
      out += fmt::format("\n{}/{} is down: {}\n", entity.at("backend").get<std::string>(),
                         entity.at("name").get<std::string>(), entity.at("state_reason").get<std::string>());
    }
    for (const auto& warning : json.at("warnings")) out += fmt::format("\nwarning: {}\n", warning.get<std::string>());
    return out;
  } catch (const nlohmann::json::exception& error) {
    return std::unexpected(std::string("the answer is not the statistics that were expected: ") + error.what());
  }
}

}  // namespace reseal::stats
