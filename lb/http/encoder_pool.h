// Encoders for reuse, and the bound on how many may be at work: their memory is what a client can make this
// process hold by reading slowly. Owner: the worker; outlives every response. Single thread.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "lb/http/encoder.h"

namespace reseal::http {

class EncoderPool {
 public:
  /// What encoders at work may hold together, in bytes: 120 of gzip, 32 of br as
  /// they are by default.
  static constexpr std::size_t kMostMemory = std::size_t{32} * 1024 * 1024;

  EncoderPool() = default;
  ~EncoderPool();
  EncoderPool(const EncoderPool&) = delete;
  EncoderPool& operator=(const EncoderPool&) = delete;

  /// An encoder at the beginning of a stream, to be given back; null when the bound is reached.
  [[nodiscard]] Encoder* take(Coding coding, int level);
  /// `level`: that of take().
  void give_back(Encoder& encoder, int level);

  /// Bytes that the encoders at work count for.
  [[nodiscard]] std::size_t memory_in_use() const { return in_use_; }

 private:
  static constexpr std::size_t kMostKept = 4;  // idle ones of a coding
  using Idle = std::vector<std::unique_ptr<Encoder>>;
  [[nodiscard]] Idle& idle(Coding coding) { return coding == Coding::kBrotli ? idle_br_ : idle_gzip_; }

  Idle idle_gzip_;
  Idle idle_br_;
  std::size_t in_use_ = 0;
};

}  // namespace reseal::http
