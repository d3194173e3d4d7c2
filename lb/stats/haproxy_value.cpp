#include "lb/stats/haproxy_value.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <span>

namespace reseal::stats {
namespace {

struct Letter {
  char letter;
  const char* word;
};
constexpr Letter kOrigins[] = {
    {'M', "Metric"}, {'S', "Status"}, {'K', "Key"}, {'C', "Config"}, {'P', "Product"}};
constexpr Letter kNatures[] = {{'A', "Age"},   {'a', "Avg"},    {'C', "Counter"}, {'D', "Duration"},
                               {'G', "Gauge"}, {'L', "Limit"},  {'M', "Max"},     {'m', "Min"},
                               {'N', "Name"},  {'O', "Output"}, {'R', "Rate"}};
constexpr Letter kScopes[] = {{'C', "Cluster"}, {'P', "Process"}, {'S', "Service"}, {'s', "System"}};

const char* word_of(std::span<const Letter> letters, char wanted) {
  for (const Letter& each : letters) {
    if (each.letter == wanted) return each.word;
  }
  return "Unknown";
}

}  // namespace

std::string text_of(const StatValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  return {};
}

void append_typed(std::string& out, const FieldFacts& field, const StatValue& value) {
  fmt::format_to(std::back_inserter(out), "{}.{}.1:{}:{}:{}\n", field.position, field.name, field.tags,
                 field.type, text_of(value));
}

void add_typed_members(nlohmann::ordered_json& item, const FieldFacts& field, const StatValue& value) {
  item["field"] = {{"pos", field.position}, {"name", field.name}};
  item["processNum"] = 1;
  item["tags"] = {{"origin", word_of(kOrigins, field.tags[0])},
                  {"nature", word_of(kNatures, field.tags[1])},
                  {"scope", word_of(kScopes, field.tags[2])}};
  nlohmann::ordered_json made;
  made["type"] = field.type;
  if (const auto* number = std::get_if<std::uint64_t>(&value)) {
    made["value"] = *number;
  } else if (const auto* signed_number = std::get_if<std::int64_t>(&value)) {
    made["value"] = *signed_number;
  } else {
    made["value"] = text_of(value);
  }
  item["value"] = std::move(made);
}

}  // namespace reseal::stats
