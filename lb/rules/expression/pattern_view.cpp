#include "lb/rules/expression/pattern_view.h"

#include <mutex>

#include "lb/base/did_you_mean.h"
#include "lb/rules/expression/pattern_file.h"

namespace reseal::rules::expression {

std::expected<Sample, std::string> PatternView::value_of(std::string_view text) const {
  if (reading_.out == Type::kInteger) {
    if (const auto integer = parse_integer(text)) return Sample::number(*integer);
    return std::unexpected("'" + shortened(text) + "' is not an integer");
  }
  if (reading_.out == Type::kAddress) {
    if (const auto address = parse_address(text)) return *address;
    return std::unexpected("'" + shortened(text) + "' is not an IP address");
  }
  return Sample::string(text);
}

PatternView::Done PatternView::load_line(std::string_view key, std::string_view value) {
  if (auto added = patterns_.add(key, reading_.ignore_case); !added) return added;
  if (reading_.out == Type::kAny) return {};
  const auto sample = value_of(value);
  if (!sample) return std::unexpected(sample.error());
  values_.push_back(*sample);
  return {};
}

Sample PatternView::value_in(std::uint64_t line, Arena& arena) const {
  // It was looked at when it came.
  Sample value = value_of(file_.lines_.at(line).value).value_or(Sample::string({}));
  if (value.is_text()) value.text = arena.copy(value.text);
  return value;
}

bool PatternView::matches(Sample& sample, Arena& arena) const {
  if (!file_.is_changeable()) return patterns_.take(sample, arena).has_value();
  if (!convert(sample, patterns_.wants(), arena)) return false;
  const std::shared_lock lock(file_.mutex_);
  return changing_->find(sample).has_value();
}

bool PatternView::look_up(Sample& sample, Arena& arena) const {
  if (!file_.is_changeable()) {
    const auto number = patterns_.find(sample, arena);
    if (number) sample = values_[*number];
    return number.has_value();
  }
  Sample key = sample;
  if (!convert(key, patterns_.wants(), arena)) return false;
  const std::shared_lock lock(file_.mutex_);
  const auto number = changing_->find(key);
  if (number) sample = value_in(*number, arena);
  return number.has_value();
}

bool PatternView::look_up_groups(std::string_view key, std::span<std::string_view> groups, Sample& value,
                                 Arena& arena) const {
  if (!file_.is_changeable()) {
    const auto number = patterns_.find_groups(key, groups);
    if (number) value = values_[*number];
    return number.has_value();
  }
  const std::shared_lock lock(file_.mutex_);
  const auto number = changing_->find_groups(key, groups);
  if (number) value = value_in(*number, arena);
  return number.has_value();
}

}  // namespace reseal::rules::expression
