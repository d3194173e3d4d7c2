// HTTP/2 frames as bytes, made by hand so that any of them can be wrong. Field lists go out as literals that are not
// indexed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reseal::test::h2 {

enum Type : std::uint8_t {
  kData,
  kHeaders,
  kPriority,
  kRstStream,
  kSettings,
  kPushPromise,
  kPing,
  kGoaway,
  kWindowUpdate,
  kContinuation
};
enum Flag : std::uint8_t { kEndStream = 1, kAck = 1, kEndHeaders = 4, kPadded = 8 };

inline const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text.push_back(static_cast<char>(value >> shift));
  return text;
}

inline std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload = {}) {
  return number(payload.size(), 3) + number(type, 1) + number(flags, 1) + number(stream, 4) +
         std::string(payload);
}

using Fields = std::vector<std::pair<std::string, std::string>>;

/// An integer of HPACK with a prefix of 7 bits, the first bit unset (RFC 7541 5.1).
inline std::string hpack_length(std::size_t value) {
  if (value < 127) return number(value, 1);
  std::string text = number(127, 1);
  for (value -= 127; value >= 128; value >>= 7) text.push_back(static_cast<char>(value % 128 + 128));
  return text + number(value, 1);
}

/// A header block of literals (RFC 7541 6.2.2).
inline std::string block(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text.append(1, '\0').append(hpack_length(name.size())).append(name);
    text.append(hpack_length(value.size())).append(value);
  }
  return text;
}

inline std::string headers(std::uint32_t stream, const Fields& fields, int flags = kEndStream) {
  return frame(kHeaders, static_cast<std::uint8_t>(flags | kEndHeaders), stream, block(fields));
}
inline std::string data(std::uint32_t stream, std::string_view bytes, int flags = 0) {
  return frame(kData, static_cast<std::uint8_t>(flags), stream, bytes);
}
inline std::string settings(std::initializer_list<std::pair<int, std::uint32_t>> entries = {}) {
  std::string payload;
  for (const auto& [id, value] : entries)
    payload += number(static_cast<std::uint64_t>(id), 2) + number(value, 4);
  return frame(kSettings, 0, 0, payload);
}
inline std::string settings_ack() {
  return frame(kSettings, kAck, 0);
}
inline std::string ping(std::string_view payload = "01234567", int flags = 0) {
  return frame(kPing, static_cast<std::uint8_t>(flags), 0, payload);
}
inline std::string window_update(std::uint32_t stream, std::uint32_t bytes) {
  return frame(kWindowUpdate, 0, stream, number(bytes, 4));
}
inline std::string rst_stream(std::uint32_t stream, std::uint32_t error) {
  return frame(kRstStream, 0, stream, number(error, 4));
}
inline std::string goaway(std::uint32_t last, std::uint32_t error) {
  return frame(kGoaway, 0, 0, number(last, 4) + number(error, 4));
}

/// GET of a path, on its own stream.
inline Fields get(std::string_view path = "/", Fields more = {}) {
  Fields fields = {
      {":method", "GET"}, {":scheme", "https"}, {":authority", "h"}, {":path", std::string(path)}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}
inline Fields post(std::string_view path = "/", Fields more = {}) {
  Fields fields = get(path, std::move(more));
  fields[0].second = "POST";
  return fields;
}

}  // namespace reseal::test::h2
