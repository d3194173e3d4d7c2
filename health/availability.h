// Up or down, and what that has come to: of a server and of a backend. Plain values; filled by the monitor and its watches.
#pragma once

#include <cstdint>

#include "lb/base/clock.h"

namespace reseal::health {

struct Availability {
  bool up = true;
  std::uint64_t downs = 0;  ///< how often it went down
  TimePoint since{};        ///< of the present state
  Duration down_before{0};  ///< in all, before that

  void set(bool is_up, TimePoint now);
  [[nodiscard]] Duration down_time(TimePoint now) const;
};

}  // namespace reseal::health
