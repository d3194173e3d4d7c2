// Writes the values of HAProxy's variables by the flags that stand before their names. Made for one value.
#pragma once

#include <cstdint>
#include <string_view>

#include "lb/stats/log_line.h"

namespace reseal::stats {

/// What stands in braces before a variable's name: "%{+Q,+X}ci".
struct TagFlags {
  bool quoted = false;   ///< Q: texts stand between quotation marks
  bool hex = false;      ///< X: addresses, ports and some numbers
  bool escaped = false;  ///< E: a backslash before '"', '\' and ']'
};

/// Writes one value by its flags.
class TagWriter {
 public:
  TagWriter(LogLine& line, TagFlags flags) : line_(line), flags_(flags) {}

  /// As it is but for control characters; "-" (between quotation marks: nothing) where it is empty.
  void text(std::string_view value);
  /// With the bytes of that kind as `#XX`; empty stays empty.
  void hashed(std::string_view value, LogLine::Hashed kind = LogLine::Hashed::kUri);
  void quote() {
    if (flags_.quoted) line_.put('"');
  }
  void address(std::string_view text);
  void number(std::uint64_t value) { line_.number(value); }
  void hexadecimal_or_number(std::uint64_t value);
  [[nodiscard]] LogLine& line() const { return line_; }
  [[nodiscard]] TagFlags flags() const { return flags_; }

 private:
  LogLine& line_;
  TagFlags flags_;
};

}  // namespace reseal::stats
