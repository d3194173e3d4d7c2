// The variables of HAProxy's log formats (its manual, 8.2.4 of version 2.6): one row each. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "lb/stats/access_record.h"
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

/// What a record must hold for some of them, beside what it always does: bits.
enum LogNeeds : std::uint8_t {
  kLogNeedsNothing = 0,
  kLogNeedsLoad = 1,    ///< AccessRecord::load and the sizes of heads
  kLogNeedsLocal = 2,   ///< local_address
  kLogNeedsSource = 4,  ///< source_address
  kLogNeedsEvaluation = 8,
  kLogNeedsLineNumber = 16,
};

struct LogTag {
  std::string_view name;
  /// False: nothing was written, not even a value that is empty.
  bool (*write)(const AccessRecord& record, TagWriter& out);
  std::uint8_t needs = kLogNeedsNothing;
};

std::span<const LogTag> log_tags();
/// Null if there is none of that name.
const LogTag* find_log_tag(std::string_view name);

}  // namespace reseal::stats
