// The patterns of one test or map, indexed by how they match (-m). Filled while compiling; immutable afterwards; any
// thread; matching allocates nothing (regular expressions aside, see decision 0025).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/base/arena.h"
#include "lb/rules/expression/sample.h"

namespace reseal::rules::expression {

enum class Match : std::uint8_t {
  kFound,
  kBool,
  kInteger,
  kAddress,
  kBinary,
  kLength,
  kString,
  kBegins,
  kEnds,
  kContains,
  kDirectory,
  kDomain,
  kRegex
};

/// The index of one way to match: a matcher.
class PatternIndex {
 public:
  virtual ~PatternIndex() = default;
  /// Takes in a pattern, which is the `number`th; the error says what is wrong with it.
  virtual std::expected<void, std::string> add(std::string_view pattern, bool ignore_case,
                                               std::uint32_t number) = 0;
  /// After the last pattern.
  virtual void seal() {}
  /// The number of the pattern that matches best: see the matcher's row. Nothing: none.
  [[nodiscard]] virtual std::optional<std::uint32_t> find(const Sample& sample) const = 0;
  /// The same, with the groups of the regular expression that matches; of kRegex only.
  [[nodiscard]] virtual std::optional<std::uint32_t> find_groups(std::string_view,
                                                                 std::span<std::string_view>) const {
    return std::nullopt;
  }
};

struct MatcherRow;

class PatternSet {
 public:
  /// `match` says how patterns are read and compared.
  explicit PatternSet(Match match);

  /// Numbers count from 0.
  std::expected<void, std::string> add(std::string_view pattern, bool ignore_case);
  void seal();
  /// Which pattern a value matches; for the ways that take no pattern, 0.
  [[nodiscard]] std::optional<std::uint32_t> find(Sample sample, Arena& arena) const {
    return take(sample, arena);
  }
  /// The same; `sample` is of no use afterwards.
  [[nodiscard]] std::optional<std::uint32_t> take(Sample& sample, Arena& arena) const;
  /// Of kRegex: which one matches, and its groups.
  [[nodiscard]] std::optional<std::uint32_t> find_groups(std::string_view text,
                                                         std::span<std::string_view> groups) const {
    return index_->find_groups(text, groups);
  }
  /// The type that values are made beforehand.
  [[nodiscard]] Type wants() const { return wants_; }

 private:
  Match match_;
  Type wants_;
  std::uint32_t count_ = 0;
  std::shared_ptr<PatternIndex> index_;  ///< null for kFound and kBool
};

/// One row a matcher.
struct MatcherRow {
  std::string_view name;  ///< behind -m
  Match match;
  Type wants;  ///< the value is made one of this type beforehand
  std::shared_ptr<PatternIndex> (*make)();
};
/// Every matcher (matchers.cpp).
std::span<const MatcherRow> matchers();
/// Null if there is none of that name.
const MatcherRow* find_matcher(std::string_view name);
const MatcherRow& matcher_row(Match match);

}  // namespace reseal::rules::expression
