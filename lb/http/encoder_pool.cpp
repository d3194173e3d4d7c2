#include "lb/http/encoder_pool.h"

#include "lb/http/brotli_encoder.h"
#include "lb/http/gzip_encoder.h"

namespace reseal::http {
namespace {

std::unique_ptr<Encoder> make(Coding coding) {
  if (coding == Coding::kBrotli) return std::make_unique<BrotliEncoder>();
  return std::make_unique<GzipEncoder>();
}

}  // namespace

EncoderPool::~EncoderPool() = default;

Encoder* EncoderPool::take(Coding coding, int level) {
  Idle& kept = idle(coding);
  if (kept.empty()) kept.push_back(make(coding));
  if (in_use_ + kept.back()->memory(level) > kMostMemory || !kept.back()->begin(level)) return nullptr;
  Encoder* encoder = kept.back().release();
  kept.pop_back();
  in_use_ += encoder->memory(level);
  return encoder;
}

void EncoderPool::give_back(Encoder& encoder, int level) {
  std::unique_ptr<Encoder> owned(&encoder);
  in_use_ -= encoder.memory(level);
  encoder.finish();
  Idle& kept = idle(encoder.coding());
  if (kept.size() < kMostKept) kept.push_back(std::move(owned));
}

}  // namespace reseal::http
