// The br coding (RFC 7932), by Brotli's encoder, which is fenced in here. Owner, thread: see encoder.h.
#pragma once

#include <vector>

#include "lb/http/encoder.h"

struct BrotliEncoderStateStruct;

namespace reseal::http {

/// Blocks of memory for the library, kept from one stream to the next: its streams cannot be begun anew, and
/// their tables are of sizes for which an allocator asks the system each time.
class BlockCache {
 public:
  BlockCache() = default;
  ~BlockCache();
  BlockCache(const BlockCache&) = delete;
  BlockCache& operator=(const BlockCache&) = delete;

  /// Null when there is no memory.
  void* take(std::size_t bytes);
  void give_back(void* block);

 private:
  struct Block;
  static constexpr std::size_t kMostKept = 16;
  std::vector<Block*> free_;
};

class BrotliEncoder final : public Encoder {
 public:
  BrotliEncoder() = default;
  ~BrotliEncoder() override;

  [[nodiscard]] Coding coding() const override { return Coding::kBrotli; }
  [[nodiscard]] std::size_t memory(int level) const override;
  /// `level`: the quality, 0 (fast) to 5. Above it the memory of a stream grows to many MiB.
  [[nodiscard]] bool begin(int level) override;
  [[nodiscard]] bool encode(std::string_view data, Then then, EncoderOutput& out) override;
  void finish() override;

 private:
  BlockCache blocks_;
  BrotliEncoderStateStruct* state_ = nullptr;
};

}  // namespace reseal::http
