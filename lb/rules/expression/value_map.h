// A map file: patterns, each with a value. Immutable; any thread.
#pragma once

#include <algorithm>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lb/base/arena.h"
#include "lb/rules/expression/pattern_set.h"
#include "lb/rules/expression/sample.h"

namespace reseal::rules::expression {

class ValueMap {
 public:
  /// Lines of a pattern, blanks, and a value of type `out`; empty lines and those that begin with '#' are none. The error
  /// names the line.
  static std::expected<std::shared_ptr<const ValueMap>, std::string> parse(std::string_view text, Match match,
                                                                           Type out);

  /// Null if no pattern matches.
  [[nodiscard]] const Sample* find(const Sample& key, Arena& arena) const;
  /// The same for regular expressions, with the groups of the one that matches.
  [[nodiscard]] const Sample* find_groups(std::string_view key, std::span<std::string_view> groups) const;

 private:
  explicit ValueMap(Match match) : patterns_(match) {}
  struct Entry {
    std::string text;
    Sample value;
  };
  std::expected<void, std::string> add(std::string_view line, Type out);

  PatternSet patterns_;
  std::vector<std::unique_ptr<Entry>> entries_;  // values are views into their own entry
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
