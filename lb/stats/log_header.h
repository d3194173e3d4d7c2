// What stands before a line on its way to a log target: priority, date, sender (RFC 3164, RFC 5424, and the shorter forms
// that HAProxy has). Immutable once made; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lb/stats/log_line.h"

namespace reseal::stats {

/// The severities of RFC 5424 6.2.1, most severe first.
enum class LogLevel : std::uint8_t {
  kEmergency,
  kAlert,
  kCritical,
  kError,
  kWarning,
  kNotice,
  kInformational,
  kDebug
};

enum class LogForm : std::uint8_t {
  kRaw,       ///< nothing
  kLocal,     ///< "<134>Nov 25 12:38:01 tag[pid]: "
  kRfc3164,   ///< the same with the host before the tag
  kRfc5424,   ///< "<134>1 2026-11-25T12:38:01.123456+01:00 host tag pid - - "
  kPriority,  ///< "<134>"
  kShort,     ///< "<6>": the level without the facility
  kTimed,     ///< "<6>2026-11-25T12:38:01.123456+01:00 "
  kIso,       ///< "2026-11-25T12:38:01.123456+01:00 "
};

class LogHeader {
 public:
  struct Sender {
    int facility = 16;  ///< RFC 3164 4.1.1
    std::string host;
    std::string tag;
    std::string process;  ///< its id
  };

  /// Nothing is written.
  LogHeader() = default;
  LogHeader(LogForm form, const Sender& sender);

  [[nodiscard]] bool has_structured_data() const { return form_ == LogForm::kRfc5424; }
  /// `structured_data`: with kRfc5424; empty: "-" stands there.
  void write(LogLevel level, WallTime now, std::string_view structured_data, LogLine& line) const;

 private:
  LogForm form_ = LogForm::kRaw;
  int facility_ = 0;
  std::string sender_;
};

}  // namespace reseal::stats
