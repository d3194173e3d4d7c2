// Fixed-size chunks of memory for one thread: taken while a connection holds data, given back at once, kept
// for reuse. Owner: the worker (one pool a thread). Not thread-safe. Outlives everything that takes from it.
#pragma once

#include <cstddef>
#include <vector>

namespace reseal {

/// One chunk: 16 KiB of payload, so that a full chunk is a full TLS record.
struct Chunk {
  static constexpr std::size_t kCapacity = 16 * 1024;
  Chunk* next = nullptr;
  std::size_t begin = 0;  ///< first unread byte
  std::size_t end = 0;    ///< one past the last written byte
  char data[kCapacity];
};

class BufferPool {
 public:
  /// Keeps at most `keep` free chunks; more go back to the allocator.
  explicit BufferPool(std::size_t keep = 256) : keep_(keep) {}
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// An empty chunk. Never null: out of memory terminates the process.
  Chunk* take();
  void give_back(Chunk* chunk);

  /// Chunks taken and not given back.
  [[nodiscard]] std::size_t in_use() const { return in_use_; }

 private:
  std::vector<Chunk*> free_;
  std::size_t keep_;
  std::size_t in_use_ = 0;
};

}  // namespace reseal
