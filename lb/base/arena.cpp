#include "lb/base/arena.h"

#include <cstdlib>
#include <cstring>
#include <new>

namespace reseal {

char* Arena::allocate(std::size_t bytes) {
  if (bytes > Chunk::kCapacity) {
    auto* large = static_cast<Large*>(::operator new(sizeof(Large) + bytes));
    large->next = large_;
    large_ = large;
    return reinterpret_cast<char*>(large + 1);
  }
  if (chunks_ == nullptr || Chunk::kCapacity - chunks_->end < bytes) {
    Chunk* chunk = pool_->take();
    chunk->next = chunks_;
    chunks_ = chunk;
  }
  char* piece = chunks_->data + chunks_->end;
  chunks_->end += bytes;
  return piece;
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* piece = allocate(text.size());
  std::memcpy(piece, text.data(), text.size());
  return {piece, text.size()};
}

void Arena::clear() {
  while (chunks_ != nullptr) {
    Chunk* next = chunks_->next;
    pool_->give_back(chunks_);
    chunks_ = next;
  }
  while (large_ != nullptr) {
    Large* next = large_->next;
    ::operator delete(large_);
    large_ = next;
  }
}

}  // namespace reseal
