// HTTP/2 frames read back as text, for tests to compare; header blocks are decoded by nghttp2.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/h2_frames.h"

namespace reseal::test::h2 {

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
