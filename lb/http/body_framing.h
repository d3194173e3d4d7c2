// Body framing, RFC 9112 sections 6 and 7: which length a message has, and the chunked coding.
// Everything request smuggling lives on is decided in this file and in sanitize. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lb/base/error.h"
#include "lb/http/message.h"

namespace reseal::http {

/// Sets head.framing and head.keep_alive from Transfer-Encoding, Content-Length, Connection and the version
/// (RFC 9112 6.3 and 9.3). Refuses: both TE and CL, several or odd Content-Lengths, a TE other than exactly "chunked",
/// TE in HTTP/1.0 ... (kAmbiguousRequest, kCodingRefused).
Result<void> decide_request_framing(RequestHead& head);

/// The same for responses; 1xx, 204, 304 and answers to HEAD have no body. kBadResponse.
Result<void> decide_response_framing(Method request_method, ResponseHead& head);

/// Incremental decoder of the chunked coding (RFC 9112 7.1). Strict: CRLF only, plain hex sizes, extensions skipped
/// and bounded, trailers bounded and validated as fields.
///
///   kSize -> kData -> kDataEnd -> kSize ... -> kTrailers -> kDone ; any -> kFailed
class ChunkedDecoder {
 public:
  enum class State : std::uint8_t { kSize, kData, kDataEnd, kTrailers, kDone, kFailed };

  struct Step {
    std::size_t consumed = 0;   ///< input bytes used
    std::string_view data;      ///< body bytes among them (a view into the input), may be empty
  };

  /// Makes progress on `input` until one run of data was found, the body ended, or the input is used up. Call again
  /// with the rest while consumed > 0 and !done(). Error: kBadRequest-like; caller maps origin with `origin`.
  Result<Step> step(std::string_view input);

  [[nodiscard]] bool done() const { return state_ == State::kDone; }
  /// Trailer section as received, lines with CRLF, without the final empty line. Bounded by kMaxTrailerBytes.
  [[nodiscard]] const std::string& trailers() const { return trailers_; }
  void reset(Origin origin);

  static constexpr std::size_t kMaxTrailerBytes = 8 * 1024;
  static constexpr std::size_t kMaxExtensionBytes = 1024;  ///< per chunk

 private:
  State state_ = State::kSize;
  Origin origin_ = Origin::kClient;
  std::uint64_t remaining_ = 0;
  std::size_t line_bytes_ = 0;
  std::string trailers_;
};

/// Parses a trailer section (ChunkedDecoder::trailers) into fields; drops those that must not be in trailers
/// (framing, routing, authentication: RFC 9110 6.5.1). The views point into `text`.
std::vector<Field> parse_trailers(std::string_view text);

}  // namespace reseal::http
