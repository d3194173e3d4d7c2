// Bump allocation for what lives as long as one request: heads, rewritten fields. Freed as a whole.
// Owner: the exchange. Single thread. Takes chunks of the worker's pool; an empty arena holds none.
#pragma once

#include <cstddef>
#include <string_view>

#include "lb/base/buffer_pool.h"

namespace reseal {

class Arena {
 public:
  explicit Arena(BufferPool& pool) : pool_(&pool) {}
  ~Arena() { clear(); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Uninitialised, unaligned bytes, valid until clear(). At most kMaxAllocation in one piece.
  char* allocate(std::size_t bytes);
  static constexpr std::size_t kMaxAllocation = 256 * 1024;

  /// A copy that lives as long as the arena.
  std::string_view copy(std::string_view text);

  void clear();

  [[nodiscard]] BufferPool& pool() const { return *pool_; }

 private:
  struct Large {
    Large* next;
  };
  BufferPool* pool_;
  Chunk* chunks_ = nullptr;
  Large* large_ = nullptr;  // pieces over a chunk's capacity, from the allocator
};

}  // namespace reseal
