// An input of the HTTP/2 targets as a row of small decisions, and the frames that they make: raw bytes, frames of any
// type with a length that is right, and header blocks out of words that matter.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/h2_frames.h"

namespace reseal::fuzz {

namespace h2 = reseal::test::h2;

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string bytes(std::size_t most) {
    const std::string taken(rest_.substr(0, most));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string raw() { return bytes(byte()); }

  /// Any type, flags, one of a few streams, a payload.
  std::string frame() {
    const std::uint8_t type = byte() % 12;
    const std::uint8_t flags = byte();
    const std::uint32_t stream = byte() % 16;
    return h2::frame(type, flags, stream, bytes(byte() % 64));
  }

  /// HEADERS with fields of the table below, or with some that the input spells itself.
  std::string headers() {
    const std::uint32_t stream = byte() % 32;
    const std::uint8_t flags = byte();
    h2::Fields fields;
    const bool whole = (flags & 0x80) != 0;
    if (whole) fields = h2::get(bytes(byte() % 8).insert(0, "/"));
    for (std::size_t left = byte() % 8; left != 0; --left) {
      const std::uint8_t which = byte();
      std::string name = which < std::size(kNames) ? std::string(kNames[which]) : bytes(which % 8);
      const std::uint8_t value = byte();
      fields.emplace_back(std::move(name),
                          value < std::size(kValues) ? std::string(kValues[value]) : bytes(value % 16));
    }
    return h2::headers(stream, fields, flags & h2::kEndStream);
  }

  /// Of the first 7 kinds of a step: something that the peer sends.
  static constexpr std::uint8_t kPeerSteps = 7;
  std::string from_peer(std::uint8_t kind) {
    if (kind == 0) return raw();
    if (kind <= 2) return frame();
    if (kind <= 5) return headers();
    return h2::data(byte() % 32, bytes(byte() % 32), byte() % 2);
  }

 private:
  static constexpr std::string_view kNames[] = {":method",           ":scheme", ":path",   ":authority",
                                                ":protocol",         ":status", "host",    "cookie",
                                                "content-length",    "te",      "expect",  "connection",
                                                "transfer-encoding", "upgrade", "trailer", "x-forwarded-for"};
  static constexpr std::string_view kValues[] = {
      "GET",   "POST",      "CONNECT", "OPTIONS", "HEAD", "https",    "http",         "/",   "*",   "h",
      "h:443", "websocket", "0",       "1",       "5",    "trailers", "100-continue", "200", "100", "204",
      "304",   "101",       "a=b",     ""};
  std::string_view rest_;
};

}  // namespace reseal::fuzz
