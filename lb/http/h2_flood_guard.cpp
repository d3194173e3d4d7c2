#include "lb/http/h2_flood_guard.h"

#include <algorithm>
#include <cstring>

namespace reseal::http {
namespace {

// RFC 9113 6.
enum FrameType : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kRstStream = 3,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
  kPriorityUpdate = 16,  // RFC 9218
};
constexpr std::uint8_t kAck = 0x1;
constexpr std::uint8_t kEndStream = 0x1;
constexpr std::uint8_t kEndHeaders = 0x4;
constexpr std::uint8_t kPadded = 0x8;
constexpr std::uint32_t kHardlyAnything = 8;  // the length of the padding among it

std::uint32_t points_of(std::uint8_t type, std::uint8_t flags, std::uint32_t length) {
  switch (type) {
    case kData: {
      const bool empty = length == 0 || ((flags & kPadded) != 0 && length <= kHardlyAnything);
      return empty && (flags & kEndStream) == 0 ? 1 : 0;
    }
    case kHeaders:
    case kPushPromise:  // an error of its own
      return 0;
    case kPriority:
    case kRstStream:
    case kWindowUpdate:
    case kContinuation:
    case kPriorityUpdate:
      return 1;
    case kSettings:
      return (flags & kAck) != 0 ? 1 : 20;
    case kPing:
      return (flags & kAck) != 0 ? 1 : 2;
    case kGoaway:
      return 5;
    default:
      return 2;
  }
}

}  // namespace

void H2FloodGuard::charge(std::uint32_t points) {
  if (points == 0) return;
  const auto elapsed = std::chrono::duration_cast<Duration>(now_ - drained_at_).count();
  if (const auto drained = static_cast<std::uint64_t>(elapsed) * kDrain / 1000; drained != 0) {
    level_ = drained >= level_ ? 0 : level_ - static_cast<std::uint32_t>(drained);
    drained_at_ = now_;
  }
  level_ += points;
}

void H2FloodGuard::on_frame() {
  payload_left_ = static_cast<std::uint32_t>(header_[0] << 16 | header_[1] << 8 | header_[2]);
  header_size_ = 0;
  const std::uint8_t type = header_[3];
  is_head_ = type == kHeaders || type == kContinuation || type == kPushPromise;
  ends_head_ = (header_[4] & kEndHeaders) != 0;
  charge(points_of(type, header_[4], payload_left_));
  continuations_ = type == kContinuation ? continuations_ + 1 : 0;
  if (continuations_ > most_continuations_) level_ = kCapacity + 1;
}

bool H2FloodGuard::admit(std::string_view bytes) {
  while (!bytes.empty()) {
    if (payload_left_ != 0) {
      const std::size_t n = std::min<std::size_t>(bytes.size(), payload_left_);
      payload_left_ -= static_cast<std::uint32_t>(n);
      bytes.remove_prefix(n);
      continue;
    }
    const std::size_t n = std::min(bytes.size(), kHeaderSize - header_size_);
    std::memcpy(header_.data() + header_size_, bytes.data(), n);
    header_size_ += static_cast<std::uint32_t>(n);
    bytes.remove_prefix(n);
    if (header_size_ == kHeaderSize) on_frame();
    if (is_exceeded()) return false;
  }
  return !is_exceeded();
}

}  // namespace reseal::http
