#include "lb/http/chunked_decoder.h"

#include <algorithm>

#include "lb/base/text.h"
#include "lb/http/characters.h"

namespace reseal::http {
namespace {

constexpr std::uint32_t kMostSizeDigits = 15;  // below 2^60: no sum of sizes overflows

bool valid_trailer_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  return all_chars(line.substr(0, colon), kTokenChar) && all_chars(line.substr(colon + 1), kFieldChar);
}

}  // namespace

void ChunkedDecoder::reset(Origin origin) {
  remaining_ = 0;
  digits_ = extension_bytes_ = line_begin_ = 0;
  state_ = State::kSize;
  origin_ = origin;
  std::string().swap(trailers_);  // gives the memory back
}

std::unexpected<Error> ChunkedDecoder::failed(const char* detail) {
  state_ = State::kFailed;
  return fail(origin_ == Origin::kClient ? Code::kBadRequest : Code::kBadResponse, origin_, detail);
}

const char* ChunkedDecoder::on_line_byte(char c) {
  switch (state_) {
    case State::kSize:
      if (const int value = hex_digit(c); value >= 0) {
        if (++digits_ > kMostSizeDigits) return "a chunk size too large";
        remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(value);
        return nullptr;
      }
      if (digits_ == 0) return "a chunk size that is no hexadecimal number";
      if (c == '\r') {
        state_ = State::kSizeEnd;
        return nullptr;
      }
      if (c != ';') return "a character after the chunk size";
      state_ = State::kExtension;
      extension_bytes_ = 0;
      return nullptr;
    case State::kExtension:
      // Its meaning is unknown to us and it is not passed on; it only must not hide a line end (RFC
      // 9112 7.1.1).
      if (c == '\r') {
        state_ = State::kSizeEnd;
        return nullptr;
      }
      if (!is_char(c, kFieldChar)) return "a control character in a chunk extension";
      return ++extension_bytes_ > kMaxExtensionBytes ? "a chunk extension too long" : nullptr;
    case State::kSizeEnd:
      if (c != '\n') return "a bare CR in a chunk's size line";
      state_ = remaining_ == 0 ? State::kTrailer : State::kData;
      digits_ = 0;
      return nullptr;
    case State::kDataCr:
      if (c != '\r') return "chunk data longer than its size";
      state_ = State::kDataLf;
      return nullptr;
    case State::kDataLf:
      if (c != '\n') return "a bare CR after chunk data";
      state_ = State::kSize;
      return nullptr;
    default:
      return "no more bytes expected";
  }
}

const char* ChunkedDecoder::on_trailer_byte(char c) {
  if (trailers_.size() >= kMaxTrailerBytes) return "a trailer section too large";
  trailers_.push_back(c);
  if (c != '\n') return nullptr;
  std::string_view line = std::string_view(trailers_).substr(line_begin_);
  if (line.size() < 2 || line[line.size() - 2] != '\r') return "a bare LF in the trailer section";
  line.remove_suffix(2);
  if (line.empty()) {
    trailers_.resize(line_begin_);
    state_ = State::kDone;
    return nullptr;
  }
  if (!valid_trailer_line(line)) return "an invalid trailer field";
  line_begin_ = static_cast<std::uint32_t>(trailers_.size());
  return nullptr;
}

Result<ChunkedDecoder::Step> ChunkedDecoder::step(std::string_view input) {
  std::size_t used = 0;
  while (used < input.size() && state_ != State::kDone) {
    if (state_ == State::kData) {
      const std::size_t n = std::min<std::uint64_t>(remaining_, input.size() - used);
      remaining_ -= n;
      if (remaining_ == 0) state_ = State::kDataCr;
      return Step{used + n, input.substr(used, n)};
    }
    const char c = input[used++];
    if (const char* wrong = state_ == State::kTrailer ? on_trailer_byte(c) : on_line_byte(c))
      return failed(wrong);
  }
  return Step{used, {}};
}

}  // namespace reseal::http
