// Which lines of a file count: the nesting of .if, .elif, .else and .endif. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "lb/config/model.h"

namespace reseal::haproxy {

/// One object a file. A condition that decides nothing is not to be evaluated: HAProxy does not look at it.
class ConditionalBlocks {
 public:
  static constexpr std::size_t kDeepest = 100;  ///< as HAProxy

  /// Whether lines that are no directives count here.
  [[nodiscard]] bool active() const { return levels_.empty() || levels_.back().active; }

  /// Whether the condition of an `.elif` here decides anything. For an `.if`, active() tells.
  [[nodiscard]] bool elif_matters() const;

  /// Each returns what is wrong, or "". What was wrong has a harmless effect that brings no further errors.
  std::string open(config::Place place, bool holds);
  std::string elif (bool holds);
  std::string otherwise();
  std::string close();

  /// For a condition that could not be understood: none of the block's branches count.
  void spoil();

  /// Where the innermost block that is still open began; line 0 if there is none.
  [[nodiscard]] config::Place unclosed() const;

 private:
  struct Level {
    config::Place place;
    bool active = false;
    bool decided = false;  // one branch was taken, or none may be
    bool seen_else = false;
  };
  std::vector<Level> levels_;
};

}  // namespace reseal::haproxy
