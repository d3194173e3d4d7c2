// An address to listen on. Plain values.
#pragma once

#include <cstdint>
#include <string>

#include "lb/config/place.h"

namespace reseal::config {

/// One listening address: "*:443", "127.0.0.1:8443", "[::]:443". Port 0 lets the system choose (tests).
struct Bind {
  std::string host;  ///< "*" for every IPv4 address
  std::uint16_t port = 0;
  Place place;
  [[nodiscard]] std::string text() const;  ///< as written, normalised: host:port
  bool operator==(const Bind&) const = default;
};

}  // namespace reseal::config
