#include "lb/rules/expression/pattern_set.h"

#include <algorithm>

namespace reseal::rules::expression {

const MatcherRow* find_matcher(std::string_view name) {
  const auto rows = matchers();
  const auto row = std::ranges::find(rows, name, &MatcherRow::name);
  return row == rows.end() ? nullptr : &*row;
}

const MatcherRow& matcher_row(Match match) {
  return *std::ranges::find(matchers(), match, &MatcherRow::match);
}

PatternSet::PatternSet(Match match) : match_(match), wants_(matcher_row(match).wants) {
  const MatcherRow& row = matcher_row(match);
  if (row.make != nullptr) index_ = row.make();
}

std::expected<void, std::string> PatternSet::add(std::string_view pattern, bool ignore_case) {
  if (index_ == nullptr) return {};
  return index_->add(pattern, ignore_case, count_++);
}

void PatternSet::seal() {
  if (index_ != nullptr) index_->seal();
}

std::optional<std::uint32_t> PatternSet::take(Sample& sample, Arena& arena) const {
  if (!convert(sample, wants_, arena)) return std::nullopt;
  if (match_ == Match::kFound) return 0;
  if (match_ == Match::kBool) return sample.integer != 0 ? std::optional<std::uint32_t>(0) : std::nullopt;
  return index_->find(sample);
}

}  // namespace reseal::rules::expression
