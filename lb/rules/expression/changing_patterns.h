// Patterns that come and go while they are looked for, indexed as PatternSet's are, at a higher price of a lookup: texts by
// length, blocks of addresses by the length of their prefix, all others one after the other. Not thread-safe.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/expression/pattern_set.h"

namespace reseal::rules::expression {

class ChangingPatterns {
 public:
  ChangingPatterns(Match match, bool ignore_case) : match_(match), ignore_case_(ignore_case) {}

  /// A pattern as it is kept. What costs time is done by prepare(), which needs no lock.
  struct Ready {
    std::size_t bucket = 0;
    std::string text;
    std::shared_ptr<PatternIndex> index;  ///< of those that are compared one after the other
  };
  static std::expected<Ready, std::string> prepare(Match match, bool ignore_case, std::string_view pattern);
  /// `number` rises from call to call: where order decides, the least is first.
  void add(Ready pattern, std::uint64_t number);
  /// What is there now does not count for has_room_for().
  void note_read() { read_buckets_ = buckets_.size(); }
  /// Each length of a beginning or an end is one more place where every lookup looks.
  static constexpr std::size_t kMostAddedLengths = 64;
  [[nodiscard]] bool has_room_for(const Ready& pattern) const;
  /// What was added by these two.
  void remove(std::string_view pattern, std::uint64_t number);
  /// `sample` is of the type that the matcher wants.
  [[nodiscard]] std::optional<std::uint64_t> find(const Sample& sample) const;
  /// Of kRegex: which one matches, and its groups.
  [[nodiscard]] std::optional<std::uint64_t> find_groups(std::string_view text,
                                                         std::span<std::string_view> groups) const;
  /// Whether a lookup looks at one pattern after the other.
  [[nodiscard]] bool is_in_order() const { return is_in_order(match_); }

 private:
  /// In order, since a hash could be steered by clients that make the keys.
  using Bucket = std::map<std::string, std::vector<std::uint64_t>, std::less<>>;

  static bool is_in_order(Match match);
  [[nodiscard]] std::optional<std::uint64_t> find_text(std::string_view text) const;
  [[nodiscard]] std::optional<std::uint64_t> find_address(const Sample& address) const;
  [[nodiscard]] std::optional<std::uint64_t> first_in(const Bucket& bucket, std::string_view text) const;

  Match match_;
  bool ignore_case_;
  std::map<std::size_t, Bucket, std::greater<>> buckets_;  ///< the longest first
  std::size_t read_buckets_ = 0;
  std::map<std::uint64_t, std::shared_ptr<PatternIndex>> one_by_one_;
};

}  // namespace reseal::rules::expression
