// What the checks of one server have come to, for who shows it: the last result in HAProxy's words, how often it failed, how
// long it was down. Plain values; filled by the server's watch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "health/probe.h"
#include "health/rise_fall.h"
#include "lb/config/model.h"

namespace reseal::health {

/// HAProxy's word for a result (its manual, 9.1): "L7OK", "L4CON", "L7STS" and so on.
std::string_view check_word(const ProbeResult& result, config::CheckKind kind, bool is_secured);
/// The same in words; empty for none of them.
std::string_view check_description(std::string_view word);

/// Up or down, and what that has come to.
struct Availability {
  bool up = true;
  std::uint64_t downs = 0;  ///< how often it went down
  TimePoint since{};        ///< of the present state
  Duration down_before{0};  ///< in all, before that

  void set(bool is_up, TimePoint now);
  [[nodiscard]] Duration down_time(TimePoint now) const;
};

struct CheckRecord {
  std::string_view word;  ///< of the last check; empty: there was none yet
  int status = 0;         ///< of its HTTP answer; 0: none
  Microseconds duration{0};
  std::string detail;        ///< why it failed; empty if it did not
  std::uint64_t failed = 0;  ///< checks that failed while the server was not down for good
};

/// HAProxy's counter of a server's health: from 0 (down) to rise + fall - 1; up from `rise` on.
int health_points(const RiseFall& rise_fall, int rise, int fall);

}  // namespace reseal::health
