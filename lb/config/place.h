// Where a value of a configuration was read. Plain values.
#pragma once

#include <compare>

namespace reseal::config {

/// Lines and columns count from 1; line 0 means "not from a file" (a default).
struct Place {
  int line = 0;
  int column = 0;
  int file = 0;  ///< of several, with haproxy.cfg
  auto operator<=>(const Place&) const = default;
};

}  // namespace reseal::config
