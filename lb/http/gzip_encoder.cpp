#include "lb/http/gzip_encoder.h"

#include <array>

#define ZLIB_CONST  // zlib does not write to its input, and says so only then
#include <zlib.h>

namespace reseal::http {
namespace {

constexpr int kGzipFormat = 16;  // added to the window's bits: a gzip header and trailer around the data
constexpr int kWindowBits = 15;
constexpr int kMemoryLevel = 8;
constexpr std::size_t kPiece = std::size_t{16} * 1024;

}  // namespace

GzipEncoder::GzipEncoder() : stream_(std::make_unique<z_stream_s>()) {}

GzipEncoder::~GzipEncoder() {
  if (initialised_) deflateEnd(stream_.get());
}

bool GzipEncoder::begin(int level) {
  if (!initialised_) {
    initialised_ = deflateInit2(stream_.get(), level, Z_DEFLATED, kWindowBits + kGzipFormat, kMemoryLevel,
                                Z_DEFAULT_STRATEGY) == Z_OK;
    return initialised_;
  }
  return deflateReset(stream_.get()) == Z_OK &&
         deflateParams(stream_.get(), level, Z_DEFAULT_STRATEGY) == Z_OK;
}

bool GzipEncoder::encode(std::string_view data, Then then, EncoderOutput& out) {
  const int flush = then == Then::kEnd ? Z_FINISH : then == Then::kPause ? Z_SYNC_FLUSH : Z_NO_FLUSH;
  std::array<char, kPiece> piece;
  stream_->next_in = reinterpret_cast<const Bytef*>(data.data());
  stream_->avail_in = static_cast<uInt>(data.size());
  for (;;) {
    stream_->next_out = reinterpret_cast<Bytef*>(piece.data());
    stream_->avail_out = static_cast<uInt>(piece.size());
    const int result = deflate(stream_.get(), flush);
    // Z_BUF_ERROR: nothing left to do, which is no failure.
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return false;
    const std::size_t written = piece.size() - stream_->avail_out;
    if (written != 0) out.on_encoded({piece.data(), written});
    // Room was left over: all that could be written has been.
    if (stream_->avail_out != 0) return then != Then::kEnd || result == Z_STREAM_END;
  }
}

}  // namespace reseal::http
