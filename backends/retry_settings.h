// What a backend's configuration says about trying again. Immutable; the rules are in lb/proxy/retry_policy.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "lb/base/clock.h"

namespace reseal::backends {

inline constexpr std::size_t kStatuses = 600;  // statuses are below it

struct RetrySettings {
  int attempts = 2;  ///< further ones after the first
  bool connect_failure = true;
  bool empty_response = true;
  bool response_timeout = true;
  bool bad_response = false;
  std::bitset<kStatuses> statuses;  ///< responses that are asked for again
  bool non_idempotent = false;      ///< also what may have an effect twice
  std::uint32_t budget_percent = 20;
  bool stale_connection =
      false;  ///< what fails on a connection that was idle is sent again, whatever else is said
  std::optional<int>
      redispatch;  ///< none: always elsewhere; 0: never; each of so many; -N: so many before the last
  Duration try_timeout{
      10000};  ///< how long one attempt waits for a response's head while another is possible
};

}  // namespace reseal::backends
