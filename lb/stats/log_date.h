// Time of day as text for log lines, in the machine's time zone; what does not change within a second is made
// once a second. Owner: whoever writes lines; single thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lb/stats/access_record.h"

namespace reseal::stats {

class LogDate {
 public:
  /// "2026-11-25T12:38:01.123+01:00" (RFC 3339). The view is valid until the next call of this object.
  std::string_view rfc3339(WallTime time);
  /// "25/Nov/2026:12:38:01.123", as HAProxy writes it.
  std::string_view haproxy(WallTime time);
  /// "Nov 25 12:38:01" (RFC 3164 4.1.2).
  std::string_view rfc3164(WallTime time);
  /// "2026-11-25T12:38:01.123456+01:00" (RFC 5424 6.2.3).
  std::string_view rfc5424(WallTime time);
  enum class Zone : std::uint8_t { kMachine, kGmt };
  /// "25/Nov/2026:12:38:01 +0100", of the Common Log Format.
  std::string_view common(WallTime time, Zone zone);

 private:
  struct Text {
    std::int64_t second = INT64_MIN;
    std::array<char, 32> characters{};
    std::size_t size = 0;
  };
  struct Parts {
    int year, month, day, hour, minute, second, offset_minutes;
  };
  Parts local(std::int64_t second);
  static Parts parts(std::int64_t second, int offset_seconds);
  /// A point's fraction of its second, of so many digits.
  static void put_fraction(char* at, WallTime time, int digits);
  /// "2026-11-30T14:02:09.123+01:00", with so many digits of the second.
  std::string_view with_fraction(Text& text, WallTime time, int digits);

  Text rfc3339_;
  Text haproxy_;
  Text rfc3164_;
  Text rfc5424_;
  Text common_[2];
  std::int64_t quarter_ =
      INT64_MIN;  // since 1970, whose offset is known: offsets change at full quarters of an hour
  int offset_seconds_ = 0;
};

}  // namespace reseal::stats
