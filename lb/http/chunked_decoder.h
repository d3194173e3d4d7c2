// The chunked coding (RFC 9112 7.1), decoded as it arrives. Strict: CRLF only, plain hex sizes, extensions
// skipped and bounded, trailers bounded and validated. Owner: a session. Single thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lb/base/error.h"

namespace reseal::http {

///   kSize ──► kExtension ──► kSizeEnd ──► kData ──► kDataCr ──► kDataLf ──► kSize ...
///     (size 0) kSizeEnd ──► kTrailer ──► kDone          any ──► kFailed
class ChunkedDecoder {
 public:
  struct Step {
    std::size_t consumed = 0;  ///< input bytes used
    std::string_view data;     ///< body bytes among them (a view into the input), may be empty
  };

  /// Ready for the next body, holding no memory; `origin` is whose fault a malformed one is.
  void reset(Origin origin);

  /// Makes progress on `input` until one run of data was found, the body ended, or the input is used up. Call
  /// again with the rest while anything is left and !done().
  Result<Step> step(std::string_view input);

  [[nodiscard]] bool done() const { return state_ == State::kDone; }
  /// The trailer section as received, lines with their CRLF, without the empty line. Valid until reset().
  [[nodiscard]] const std::string& trailers() const { return trailers_; }

  static constexpr std::size_t kMaxTrailerBytes = 8 * 1024;
  static constexpr std::size_t kMaxExtensionBytes = 1024;  ///< a chunk's

 private:
  enum class State : std::uint8_t {
    kSize,
    kExtension,
    kSizeEnd,
    kData,
    kDataCr,
    kDataLf,
    kTrailer,
    kDone,
    kFailed
  };
  const char* on_line_byte(char c);
  const char* on_trailer_byte(char c);
  std::unexpected<Error> failed(const char* detail);

  std::uint64_t remaining_ = 0;
  std::uint32_t digits_ = 0;
  std::uint32_t extension_bytes_ = 0;
  std::uint32_t line_begin_ = 0;  // where the current trailer line begins in trailers_
  State state_ = State::kSize;
  Origin origin_ = Origin::kClient;
  std::string trailers_;
};

}  // namespace reseal::http
