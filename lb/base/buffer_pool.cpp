#include "lb/base/buffer_pool.h"

namespace reseal {

BufferPool::~BufferPool() {
  for (Chunk* chunk : free_) delete chunk;
}

Chunk* BufferPool::take() {
  ++in_use_;
  if (free_.empty()) return new Chunk;  // default-initialised: the payload is not cleared
  Chunk* chunk = free_.back();
  free_.pop_back();
  chunk->next = nullptr;
  chunk->begin = chunk->end = 0;
  return chunk;
}

void BufferPool::give_back(Chunk* chunk) {
  --in_use_;
  if (free_.size() < keep_) {
    free_.push_back(chunk);
  } else {
    delete chunk;
  }
}

}  // namespace reseal
