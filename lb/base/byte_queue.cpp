#include "lb/base/byte_queue.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace reseal {

ByteQueue::ByteQueue(ByteQueue&& other) noexcept
    : pool_(other.pool_),
      head_(std::exchange(other.head_, nullptr)),
      tail_(std::exchange(other.tail_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

ByteQueue& ByteQueue::operator=(ByteQueue&& other) noexcept {
  if (this != &other) {
    clear();
    pool_ = other.pool_;
    head_ = std::exchange(other.head_, nullptr);
    tail_ = std::exchange(other.tail_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void ByteQueue::add_chunk() {
  Chunk* chunk = pool_->take();
  if (tail_ == nullptr) {
    head_ = chunk;
  } else {
    tail_->next = chunk;
  }
  tail_ = chunk;
}

void ByteQueue::append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (tail_ == nullptr || tail_->end == Chunk::kCapacity) add_chunk();
    const std::size_t n = std::min(bytes.size(), Chunk::kCapacity - tail_->end);
    std::memcpy(tail_->data + tail_->end, bytes.data(), n);
    tail_->end += n;
    size_ += n;
    bytes.remove_prefix(n);
  }
}

char* ByteQueue::reserve(std::size_t bytes) {
  if (tail_ == nullptr || Chunk::kCapacity - tail_->end < bytes) add_chunk();
  return tail_->data + tail_->end;
}

void ByteQueue::commit(std::size_t bytes) {
  tail_->end += bytes;
  size_ += bytes;
}

std::string_view ByteQueue::front() const {
  // A reserve() that was never committed can leave an empty chunk in front.
  for (const Chunk* chunk = head_; chunk != nullptr; chunk = chunk->next) {
    if (chunk->end > chunk->begin) return {chunk->data + chunk->begin, chunk->end - chunk->begin};
  }
  return {};
}

void ByteQueue::consume(std::size_t bytes) {
  if (bytes == size_) {
    clear();
    return;
  }
  size_ -= bytes;
  while (bytes != 0) {
    const std::size_t n = std::min(bytes, head_->end - head_->begin);
    head_->begin += n;
    bytes -= n;
    if (head_->begin == head_->end && head_->next != nullptr) {
      Chunk* next = head_->next;
      pool_->give_back(head_);
      head_ = next;
    }
  }
}

void ByteQueue::clear() {
  while (head_ != nullptr) {
    Chunk* next = head_->next;
    pool_->give_back(head_);
    head_ = next;
  }
  tail_ = nullptr;
  size_ = 0;
}

}  // namespace reseal
