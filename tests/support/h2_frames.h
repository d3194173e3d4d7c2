// HTTP/2 frames as bytes, made by hand so that any of them can be wrong, and frames read back as text. Field lists go
// out as literals that are not indexed; what comes in is decoded by nghttp2.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
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

/// Frames as text: "HEADERS 1 end :status=200;", "DATA 1 hello", "RST_STREAM 1 8", "GOAWAY 5 11", "SETTINGS", ...
class Reader {
 public:
  Reader() {
    nghttp2_hd_inflater* made = nullptr;
    if (nghttp2_hd_inflate_new(&made) == 0) inflater_.reset(made);
  }

  /// Takes whole frames from the front of what has come so far; the rest is kept.
  std::vector<std::string> read(std::string_view bytes) {
    rest_.append(bytes);
    if (rest_.starts_with(kPreface)) rest_.erase(0, kPreface.size());
    std::vector<std::string> frames;
    while (rest_.size() >= 9) {
      const std::size_t size = value(0, 3);
      if (rest_.size() < 9 + size) break;
      frames.push_back(describe(static_cast<std::uint8_t>(rest_[3]), static_cast<std::uint8_t>(rest_[4]),
                                static_cast<std::uint32_t>(value(5, 4)),
                                std::string_view(rest_).substr(9, size)));
      rest_.erase(0, 9 + size);
    }
    return frames;
  }

 private:
  struct Deleter {
    void operator()(nghttp2_hd_inflater* inflater) const { nghttp2_hd_inflate_del(inflater); }
  };

  std::size_t value(std::size_t at, std::size_t bytes) const {
    return value_of(std::string_view(rest_).substr(at, bytes));
  }
  static std::size_t value_of(std::string_view bytes) {
    std::size_t result = 0;
    for (const char c : bytes) result = result << 8 | static_cast<unsigned char>(c);
    return result;
  }

  std::string describe(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                       std::string_view payload) {
    const std::string of_stream = " " + std::to_string(stream);
    switch (type) {
      case kData:
        return "DATA" + of_stream + ((flags & kEndStream) != 0 ? " end" : "") +
               (payload.empty() ? "" : " " + std::string(payload));
      case kHeaders:
        return "HEADERS" + of_stream + ((flags & kEndStream) != 0 ? " end " : " ") + decode(payload);
      case kRstStream:
        return "RST_STREAM" + of_stream + " " + std::to_string(value_of(payload));
      case kSettings:
        return (flags & kAck) != 0 ? "SETTINGS ack" : "SETTINGS";
      case kPing:
        return std::string("PING ") + ((flags & kAck) != 0 ? "ack " : "") + std::string(payload);
      case kGoaway:
        return "GOAWAY " + std::to_string(value_of(payload.substr(0, 4))) + " " +
               std::to_string(value_of(payload.substr(4, 4)));
      case kWindowUpdate:
        return "WINDOW_UPDATE" + of_stream + " " + std::to_string(value_of(payload));
      default:
        return "TYPE " + std::to_string(type) + of_stream;
    }
  }

  std::string decode(std::string_view payload) {
    std::string text;
    const auto* in = reinterpret_cast<const std::uint8_t*>(payload.data());
    std::size_t left = payload.size();
    while (true) {
      nghttp2_nv field{};
      int flags = 0;
      const ssize_t used = nghttp2_hd_inflate_hd2(inflater_.get(), &field, &flags, in, left, 1);
      if (used < 0) return text + "(bad block)";
      in += used;
      left -= static_cast<std::size_t>(used);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        text.append(reinterpret_cast<char*>(field.name), field.namelen).append("=");
        text.append(reinterpret_cast<char*>(field.value), field.valuelen).append(";");
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
        nghttp2_hd_inflate_end_headers(inflater_.get());
        return text;
      }
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) return text;
    }
  }

  std::unique_ptr<nghttp2_hd_inflater, Deleter> inflater_;
  std::string rest_;
};

}  // namespace reseal::test::h2
