// How long the next TLS record may be. A record can be read only when all of it has arrived. TCP begins with ten segments,
// after a pause too, and goes on when it hears from the other end (RFC 6928): of the 14 KB that fit in there, nothing could
// be read of a record of 16 KiB. So they are sent in short ones, to clients and to servers. Owner: the stream. Single thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lb/base/clock.h"

namespace reseal::tls {

class RecordSize {
 public:
  static constexpr std::size_t kShort = 4 * 1024;
  static constexpr std::size_t kLongest = 16 * 1024;  // RFC 8446 5.1
  static constexpr std::size_t kFirstFlight = 12 * 1024;
  static constexpr auto kPause = std::chrono::seconds(1);

  /// Plaintext bytes that the next record may hold.
  [[nodiscard]] std::size_t most(TimePoint now) const {
    return flight_ < kFirstFlight || now - last_ >= kPause ? kShort : kLongest;
  }
  void sent(std::size_t bytes, TimePoint now) {
    if (now - last_ >= kPause) flight_ = 0;
    last_ = now;
    if (flight_ < kFirstFlight) flight_ += static_cast<std::uint32_t>(bytes);
  }

 private:
  TimePoint last_{};
  std::uint32_t flight_ = 0;  // bytes since the last pause, until they are a flight
};

}  // namespace reseal::tls
