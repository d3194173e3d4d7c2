#include "lb/http/brotli_encoder.h"

#include <brotli/encode.h>

#include <cstdlib>
#include <utility>

namespace reseal::http {
namespace {

constexpr std::uint32_t kWindowBits = 16;

}  // namespace

struct alignas(std::max_align_t) BlockCache::Block {
  std::size_t size;
};

BlockCache::~BlockCache() {
  for (Block* block : free_) std::free(block);
}

void* BlockCache::take(std::size_t bytes) {
  // From the back: what was freed last is the likeliest to be in the CPU's cache.
  for (std::size_t i = free_.size(); i-- > 0;) {
    if (free_[i]->size != bytes) continue;
    Block* block = free_[i];
    free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(i));
    return block + 1;
  }
  auto* block = static_cast<Block*>(std::malloc(sizeof(Block) + bytes));
  if (block == nullptr) return nullptr;
  block->size = bytes;
  return block + 1;
}

void BlockCache::give_back(void* block) {
  if (block == nullptr) return;
  if (free_.size() == kMostKept) {
    std::free(free_.front());
    free_.erase(free_.begin());
  }
  free_.push_back(static_cast<Block*>(block) - 1);
}

BrotliEncoder::~BrotliEncoder() {
  finish();
}

std::size_t BrotliEncoder::memory(int level) const {
  // As measured with this window, kept blocks included; the unit test holds it to that.
  return std::size_t{level <= 3 ? 1024U : 2176U} * 1024;
}

bool BrotliEncoder::begin(int level) {
  finish();
  state_ = BrotliEncoderCreateInstance(
      [](void* cache, std::size_t bytes) { return static_cast<BlockCache*>(cache)->take(bytes); },
      [](void* cache, void* block) { static_cast<BlockCache*>(cache)->give_back(block); }, &blocks_);
  return state_ != nullptr &&
         BrotliEncoderSetParameter(state_, BROTLI_PARAM_QUALITY, static_cast<std::uint32_t>(level)) != 0 &&
         BrotliEncoderSetParameter(state_, BROTLI_PARAM_LGWIN, kWindowBits) != 0;
}

bool BrotliEncoder::encode(std::string_view data, Then then, EncoderOutput& out) {
  const BrotliEncoderOperation operation = then == Then::kEnd     ? BROTLI_OPERATION_FINISH
                                           : then == Then::kPause ? BROTLI_OPERATION_FLUSH
                                                                  : BROTLI_OPERATION_PROCESS;
  const auto* next = reinterpret_cast<const std::uint8_t*>(data.data());
  std::size_t left = data.size();
  do {
    std::size_t room = 0;  // output is taken from the library's own buffer, below
    if (BrotliEncoderCompressStream(state_, operation, &left, &next, &room, nullptr, nullptr) == 0)
      return false;
    std::size_t size = 0;  // all there is
    const std::uint8_t* output = BrotliEncoderTakeOutput(state_, &size);
    if (size != 0) out.on_encoded({reinterpret_cast<const char*>(output), size});
  } while (left != 0 || BrotliEncoderHasMoreOutput(state_) != 0);
  return then != Then::kEnd || BrotliEncoderIsFinished(state_) != 0;
}

void BrotliEncoder::finish() {
  if (state_ != nullptr) BrotliEncoderDestroyInstance(std::exchange(state_, nullptr));
}

}  // namespace reseal::http
