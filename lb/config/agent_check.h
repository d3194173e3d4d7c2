// An agent of a server: what is asked over a connection of its own how the server does, and says in words. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "lb/base/clock.h"

namespace reseal::config {

struct AgentCheck {
  std::string host;  ///< numeric; empty: the server's
  std::uint16_t port = 0;
  Duration interval{2000};
  std::string send;  ///< said first
  bool operator==(const AgentCheck&) const = default;
};

}  // namespace reseal::config
