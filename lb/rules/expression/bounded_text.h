// A text of unknown length while it is written: on the stack, cut at Sample::kMostText. What an arena gets of it is no longer
// than it has become, since a condition may make one for each of a field's thousands of values.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "lb/base/arena.h"
#include "lb/rules/expression/regex.h"
#include "lb/rules/expression/sample.h"

namespace reseal::rules::expression {

class BoundedText {
 public:
  BoundedText() = default;
  BoundedText(const BoundedText&) = delete;
  BoundedText& operator=(const BoundedText&) = delete;

  void add(char c) {
    if (at_ != end()) *at_++ = c;
  }
  void add(std::string_view text) {
    at_ = std::copy_n(text.data(), std::min(text.size(), static_cast<std::size_t>(end() - at_)), at_);
  }
  void add_substitution(std::string_view substitution, std::span<const std::string_view> groups) {
    at_ = substitute(substitution, groups, at_, end());
  }
  [[nodiscard]] std::string_view copy_to(Arena& arena) const {
    return arena.copy({text_, static_cast<std::size_t>(at_ - text_)});
  }

 private:
  [[nodiscard]] char* end() { return text_ + sizeof(text_); }

  char text_[Sample::kMostText];
  char* at_ = text_;
};

}  // namespace reseal::rules::expression
