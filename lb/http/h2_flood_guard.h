// Bounds what a peer's HTTP/2 frames may cost beyond useful work: a leaky bucket per connection, filled by frames and
// events as the table says, drained by time and by work done. A flood overflows it; what real clients do comes nowhere
// near (a gallery whose 100 pictures are cancelled at once: 400 points; gRPC's keepalive and bandwidth pings: a few).
//
//   what                                            points   why it costs
//   RST_STREAM, PRIORITY, WINDOW_UPDATE, CONTINUATION    1   parsing, and nothing comes of it
//   DATA without bytes (or little but padding)           1   CVE-2019-9518; with END_STREAM: 0, it says something
//   acknowledgements                                     1
//   PING                                                 2   an answer each (CVE-2019-9512)
//   a frame of unknown type                              2
//   GOAWAY                                               5
//   SETTINGS                                            20   an answer, and tables resized (CVE-2019-9515)
//   a stream that ends by a reset or a broken rule       3   a request taken to a server in vain: rapid reset
//     before its response was complete, whoever resets       (CVE-2023-44487), MadeYouReset (CVE-2025-8671)
//   HEADERS, DATA with bytes                             0   bounded by streams, windows and timeouts
//   a DATA frame with bytes that we sent                -4   whoever takes data sends window updates and pings for it
//   a response that we sent in full                     -1   whoever asks a lot cancels a lot
//
// kCapacity points at once, kDrain a second; beyond that, or with more CONTINUATION frames than a header list may need,
// the connection ends with ENHANCE_YOUR_CALM. Owner: an HTTP/2 session. Pure but for the clock it reads; single thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "lb/base/clock.h"

namespace reseal::http {

class H2FloodGuard {
 public:
  static constexpr std::uint32_t kCapacity = 2000;
  static constexpr std::uint32_t kDrain = 200;  ///< points a second
  static constexpr std::uint32_t kResetPoints = 3;
  static constexpr std::uint32_t kSentDataCredit = 4;
  static constexpr std::uint32_t kSentResponseCredit = 1;

  /// `now` is borrowed: the loop's cached time. `preface`: so many bytes come before the first frame.
  /// `continuations`: so many CONTINUATION frames a header block (nghttp2 counts the pieces that they come in).
  H2FloodGuard(const TimePoint& now, std::uint32_t preface, std::uint32_t continuations)
      : now_(now), most_continuations_(continuations), drained_at_(now), payload_left_(preface) {}

  /// Follows the frames through bytes that were received, before anybody else sees them. False: too much.
  [[nodiscard]] bool admit(std::string_view bytes);
  void charge(std::uint32_t points);
  void credit(std::uint32_t points) { level_ = level_ > points ? level_ - points : 0; }
  [[nodiscard]] bool is_exceeded() const { return level_ > kCapacity; }
  /// The preface or a header block has begun and is not complete.
  [[nodiscard]] bool is_within_head() const { return is_head_ && (payload_left_ != 0 || !ends_head_); }

 private:
  void on_frame();

  static constexpr std::size_t kHeaderSize = 9;
  const TimePoint& now_;
  const std::uint32_t most_continuations_;
  TimePoint drained_at_;
  std::uint32_t level_ = 0;
  std::uint32_t payload_left_;  // of the frame being passed, or of the preface
  std::uint32_t header_size_ = 0;
  std::uint32_t continuations_ = 0;  // of the header block
  bool is_head_ = true;    // what payload_left_ is of: the preface, or a frame of a header block ...
  bool ends_head_ = true;  // ... and its last one
  std::array<unsigned char, kHeaderSize> header_{};
};

}  // namespace reseal::http
