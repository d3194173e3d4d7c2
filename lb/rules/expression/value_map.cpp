#include "lb/rules/expression/value_map.h"

#include "lb/base/did_you_mean.h"
#include "lb/base/text.h"

namespace reseal::rules::expression {

std::expected<std::shared_ptr<const ValueMap>, std::string> ValueMap::parse(std::string_view text,
                                                                            Match match, Type out) {
  std::shared_ptr<ValueMap> map(new ValueMap(match));
  std::string wrong;
  for_each_line(text, [&](std::string_view line, std::size_t number) {
    const auto added = map->add(line, out);
    if (!added) wrong = "line " + std::to_string(number) + ": " + added.error();
    return added.has_value();
  });
  if (!wrong.empty()) return std::unexpected(wrong);
  map->patterns_.seal();
  return map;
}

std::expected<void, std::string> ValueMap::add(std::string_view line, Type out) {
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  auto entry = std::make_unique<Entry>();
  entry->text = trim_blanks(line.substr(end));
  if (auto added = patterns_.add(line.substr(0, end), false); !added) return added;
  entry->value = Sample::string(entry->text);
  if (out == Type::kInteger) {
    const auto integer = parse_integer(entry->text);
    if (!integer) return std::unexpected("'" + shortened(entry->text) + "' is not an integer");
    entry->value = Sample::number(*integer);
  } else if (out == Type::kAddress) {
    const auto address = parse_address(entry->text);
    if (!address) return std::unexpected("'" + shortened(entry->text) + "' is not an IP address");
    entry->value = *address;
  }
  entries_.push_back(std::move(entry));
  return {};
}

const Sample* ValueMap::find(const Sample& key, Arena& arena) const {
  const auto number = patterns_.find(key, arena);
  return number ? &entries_[*number]->value : nullptr;
}

const Sample* ValueMap::find_groups(std::string_view key, std::span<std::string_view> groups) const {
  const auto number = patterns_.find_groups(key, groups);
  return number ? &entries_[*number]->value : nullptr;
}

}  // namespace reseal::rules::expression
