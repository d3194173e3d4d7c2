// The patterns of a file as one way to compare them needs them: of an ACL (-f) or of a map. Lookups from any thread; without a
// lock unless the file is one that changes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/rules/expression/changing_patterns.h"
#include "lb/rules/expression/pattern_set.h"

namespace reseal::rules::expression {

class PatternFile;

class PatternView {
 public:
  struct Reading {
    Match match = Match::kString;
    bool ignore_case = false;
    Type out = Type::kAny;  ///< of the values; kAny: there are none
    bool operator==(const Reading&) const = default;
  };

  /// Borrows the file, which owns it.
  PatternView(const PatternFile& file, Reading reading)
      : file_(file), reading_(reading), patterns_(reading.match) {}

  /// Whether a pattern matches. `sample` is of no use afterwards.
  [[nodiscard]] bool matches(Sample& sample, Arena& arena) const;
  /// Makes `sample` the value of what it matches; false: nothing does, and `sample` is what it was.
  [[nodiscard]] bool look_up(Sample& sample, Arena& arena) const;
  /// The same for regular expressions, with the groups of the one that matches.
  [[nodiscard]] bool look_up_groups(std::string_view key, std::span<std::string_view> groups, Sample& value,
                                    Arena& arena) const;

 private:
  friend class PatternFile;
  using Done = std::expected<void, std::string>;

  // Of the file alone: while compiling, or under its lock.
  Done load_line(std::string_view key, std::string_view value);
  void seal() { patterns_.seal(); }
  [[nodiscard]] auto prepare(std::string_view key) const {
    return ChangingPatterns::prepare(reading_.match, reading_.ignore_case, key);
  }
  void make_changeable() { changing_.emplace(reading_.match, reading_.ignore_case); }
  [[nodiscard]] std::expected<Sample, std::string> value_of(std::string_view text) const;
  /// Of the line of that number, in the arena.
  [[nodiscard]] Sample value_in(std::uint64_t line, Arena& arena) const;

  const PatternFile& file_;
  Reading reading_;
  PatternSet patterns_;  ///< as the file was read
  std::vector<Sample> values_;
  std::optional<ChangingPatterns> changing_;  ///< of a file that changes: all there are
};

/// Calls `use(line, number)` for each line that says something: without leading blanks, from 1. Stops when it returns false.
template <class Use>
void for_each_line(std::string_view text, Use use) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    // Before the blanks are taken off: a pattern that begins with '#' is written behind one.
    if (line.empty() || line.front() == '#') continue;
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (!line.empty() && !use(line, number)) return;
  }
}

}  // namespace reseal::rules::expression
