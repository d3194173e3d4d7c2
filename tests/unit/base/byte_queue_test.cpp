#include "lb/base/byte_queue.h"

#include <catch2/catch.hpp>
#include <string>

#include "lb/base/arena.h"

using reseal::Arena;
using reseal::BufferPool;
using reseal::ByteQueue;
using reseal::Chunk;

namespace {

std::string drain(ByteQueue& queue, std::size_t step) {
  std::string all;
  while (!queue.empty()) {
    const auto piece = queue.front().substr(0, step);
    all += piece;
    queue.consume(piece.size());
  }
  return all;
}

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i % 23);
  return text;
}

}  // namespace

TEST_CASE("a byte queue gives back what was put in, in any step, and holds no chunk when empty") {
  for (const std::size_t size :
       {std::size_t{1}, Chunk::kCapacity - 1, Chunk::kCapacity, Chunk::kCapacity + 1, 5 * Chunk::kCapacity}) {
    for (const std::size_t step : {std::size_t{1000}, Chunk::kCapacity, 3 * Chunk::kCapacity}) {
      BufferPool pool;
      ByteQueue queue(pool);
      queue.append(pattern(size));
      CHECK(queue.size() == size);
      CHECK(drain(queue, step) == pattern(size));
      CHECK(pool.in_use() == 0);
    }
  }
}

TEST_CASE("reserved room that is not used is not read") {
  BufferPool pool;
  ByteQueue queue(pool);
  queue.append(pattern(Chunk::kCapacity - 10));
  queue.reserve(100);  // a new chunk, since the first has only 10 bytes left
  queue.commit(0);
  CHECK(queue.size() == Chunk::kCapacity - 10);
  queue.append("xyz");
  CHECK(drain(queue, 4096) == pattern(Chunk::kCapacity - 10) + "xyz");
  CHECK(pool.in_use() == 0);
}

TEST_CASE("consuming everything at once gives every chunk back") {
  BufferPool pool;
  ByteQueue queue(pool);
  queue.append(pattern(3 * Chunk::kCapacity));
  queue.consume(3 * Chunk::kCapacity);
  CHECK(queue.empty());
  CHECK(queue.chunks() == nullptr);
  CHECK(pool.in_use() == 0);
}

TEST_CASE("a moved-from queue is empty and the target has the bytes") {
  BufferPool pool;
  ByteQueue a(pool);
  a.append("text");
  ByteQueue b(std::move(a));
  CHECK(drain(b, 100) == "text");
  CHECK(pool.in_use() == 0);
}

TEST_CASE("an arena keeps copies of any size until it is cleared") {
  BufferPool pool;
  Arena arena(pool);
  const std::string small = pattern(100);
  const std::string large = pattern(3 * Chunk::kCapacity);
  const auto a = arena.copy(small);
  const auto b = arena.copy(large);
  const auto c = arena.copy(small);
  CHECK(a == small);
  CHECK(b == large);
  CHECK(c == small);
  arena.clear();
  CHECK(pool.in_use() == 0);
}
