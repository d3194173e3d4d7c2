// One body being coded for its client (gzip, br): bytes in, coded bytes out, piece by piece. Owner: the
// worker's EncoderPool; borrowed by a response. Single thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lb/http/coding.h"

namespace reseal::http {

/// Told the coded bytes.
class EncoderOutput {
 public:
  /// `bytes` are valid during the call, in which the encoder must not be used.
  virtual void on_encoded(std::string_view bytes) = 0;

 protected:
  ~EncoderOutput() = default;
};

class Encoder {
 public:
  /// What follows the bytes: more of them; nothing for a while, so that all of them go out now; the end.
  enum class Then : std::uint8_t { kMore, kPause, kEnd };

  Encoder() = default;
  virtual ~Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  [[nodiscard]] virtual Coding coding() const = 0;
  /// Bytes that a stream of this level takes at most, whatever goes through it.
  [[nodiscard]] virtual std::size_t memory(int level) const = 0;
  /// A new stream, whatever became of the last one. False: no memory for it.
  [[nodiscard]] virtual bool begin(int level) = 0;
  /// Calls `out` none or several times before it returns. All that it holds back is a window and tables of a
  /// fixed size. False: the stream is broken and cannot be completed.
  [[nodiscard]] virtual bool encode(std::string_view data, Then then, EncoderOutput& out) = 0;
  /// The stream is over, complete or not. Memory is kept for the next one.
  virtual void finish() = 0;
};

}  // namespace reseal::http
