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

PatternSet::PatternSet(Match match) : row_(&matcher_row(match)) {
  if (row_->make != nullptr) index_ = row_->make();
}

std::expected<void, std::string> PatternSet::add(std::string_view pattern, bool ignore_case) {
  if (index_ == nullptr) return {};
  return index_->add(pattern, ignore_case, count_++);
}

void PatternSet::seal() {
  if (index_ != nullptr) index_->seal();
}

std::optional<std::uint32_t> PatternSet::take(Sample& sample, Arena& arena) const {
  if (!convert(sample, row_->wants, arena)) return std::nullopt;
  if (row_->match == Match::kFound) return 0;
  if (row_->match == Match::kBool)
    return sample.integer != 0 ? std::optional<std::uint32_t>(0) : std::nullopt;
  return index_->find(sample);
}

}  // namespace reseal::rules::expression
