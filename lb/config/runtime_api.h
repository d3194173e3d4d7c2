// Sockets that speak HAProxy's runtime API: `stats socket` and what belongs to it. Plain values; part of the model.
#pragma once

#include <string>
#include <vector>

#include "lb/base/clock.h"
#include "lb/config/bind.h"

namespace reseal::config {

/// What a client of the runtime API may do; each may what those before it may.
enum class AccessLevel : std::uint8_t { kUser, kOperator, kAdmin };

/// One address of the runtime API.
struct RuntimeSocket {
  Bind bind;
  AccessLevel level = AccessLevel::kOperator;
  [[nodiscard]] std::string text() const;  ///< as HAProxy shows it: "unix@/run/a.sock", "ipv4@127.0.0.1:9999"
  bool operator==(const RuntimeSocket&) const = default;
};

struct RuntimeApi {
  std::vector<RuntimeSocket> sockets;
  Duration timeout = std::chrono::seconds(10);  ///< of a client that neither asks nor reads
  int max_connections = 10;  ///< of each socket's clients; others wait in the kernel's queue
  bool operator==(const RuntimeApi&) const = default;
};

}  // namespace reseal::config
