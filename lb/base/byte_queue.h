// Bytes in order, held in pool chunks: written at the back, read at the front, never moved in between.
// Owner: whoever waits to send or parse the bytes. An empty queue holds no memory. Single thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "lb/base/buffer_pool.h"

namespace reseal {

class ByteQueue {
 public:
  /// `pool` is borrowed and must outlive the queue.
  explicit ByteQueue(BufferPool& pool) : pool_(&pool) {}
  ~ByteQueue() { clear(); }
  ByteQueue(ByteQueue&& other) noexcept;
  ByteQueue& operator=(ByteQueue&& other) noexcept;
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Copies the bytes to the back.
  void append(std::string_view bytes);

  /// At least `bytes` (≤ Chunk::kCapacity) of contiguous room at the back; write there, then commit().
  char* reserve(std::size_t bytes);
  void commit(std::size_t bytes);

  /// The first contiguous run of bytes; empty only if the queue is. Valid until consume(), clear() or
  /// destruction.
  [[nodiscard]] std::string_view front() const;
  /// First chunk, for scatter/gather writers that walk the chain through Chunk::next; null when empty.
  [[nodiscard]] const Chunk* chunks() const { return head_; }
  /// Drops the first `bytes` (≤ size()).
  void consume(std::size_t bytes);
  void clear();

 private:
  void add_chunk();

  BufferPool* pool_;
  Chunk* head_ = nullptr;
  Chunk* tail_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace reseal
