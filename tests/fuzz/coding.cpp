// Accept-Encoding of any bytes, and bodies of any bytes through the encoders in any pieces: nobody gets a coding
// that was refused, and what was coded decodes to what it was.
//
// Input: one byte (levels), the field's value, a LF, the body, cut where it has a LF (after an even one the
// encoder is flushed).
#include <brotli/decode.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lb/http/coding.h"
#include "lb/http/encoder_pool.h"
#include "tests/fuzz/fuzz_check.h"

namespace reseal::http {
namespace {

struct Collected final : EncoderOutput {
  void on_encoded(std::string_view bytes) override { text += bytes; }
  std::string text;
};

std::string gunzip(std::string coded) {
  z_stream stream{};
  FUZZ_CHECK(inflateInit2(&stream, 15 + 16) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(coded.data());
  stream.avail_in = static_cast<uInt>(coded.size());
  std::string text;
  std::vector<char> piece(65536);
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    text.append(piece.data(), piece.size() - stream.avail_out);
  }
  FUZZ_CHECK(result == Z_STREAM_END && stream.avail_in == 0);
  inflateEnd(&stream);
  return text;
}

std::string unbrotli(const std::string& coded, std::size_t most) {
  std::string text(most + 1, '\0');
  std::size_t size = text.size();
  FUZZ_CHECK(BrotliDecoderDecompress(coded.size(), reinterpret_cast<const std::uint8_t*>(coded.data()), &size,
                                     reinterpret_cast<std::uint8_t*>(text.data())) ==
             BROTLI_DECODER_RESULT_SUCCESS);
  text.resize(size);
  return text;
}

void negotiate(std::string_view value) {
  constexpr Coding kBoth[] = {Coding::kBrotli, Coding::kGzip};
  AcceptedCodings accepted;
  accepted.add(value);
  const Coding best = accepted.best_of(kBoth);
  // Alone it is chosen as well: it was not refused.
  const Coding alone[] = {best};
  FUZZ_CHECK(best == Coding::kIdentity || accepted.best_of(alone) == best);
  FUZZ_CHECK(accepted.best_of({}) == Coding::kIdentity);
  // As two fields it is the same list.
  const std::size_t comma = value.find(',');
  if (comma != std::string_view::npos) {
    AcceptedCodings pieces;
    pieces.add(value.substr(0, comma));
    pieces.add(value.substr(comma + 1));
    FUZZ_CHECK(pieces.best_of(kBoth) == best);
  }
  // A refusal stands, whatever stands beside it.
  accepted.add("br;q=0, gzip;q=0");
  FUZZ_CHECK(accepted.best_of(kBoth) == Coding::kIdentity);
}

void encode(Coding coding, int level, std::string_view body) {
  EncoderPool pool;
  Encoder* encoder = pool.take(coding, level);
  FUZZ_CHECK(encoder != nullptr);
  Collected out;
  std::string text;
  bool flush = false;
  while (!body.empty()) {
    const std::string_view piece = body.substr(0, body.find('\n') + 1);
    const std::string_view part = piece.empty() ? body : piece;
    body.remove_prefix(part.size());
    text += part;
    FUZZ_CHECK(encoder->encode(part, flush ? Encoder::Then::kPause : Encoder::Then::kMore, out));
    flush = !flush;
  }
  FUZZ_CHECK(encoder->encode({}, Encoder::Then::kEnd, out));
  pool.give_back(*encoder, level);
  FUZZ_CHECK((coding == Coding::kGzip ? gunzip(out.text) : unbrotli(out.text, text.size())) == text);
}

}  // namespace
}  // namespace reseal::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::http;
  if (size == 0 || size > 100'000) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t end = std::min(input.find('\n'), input.size());
  negotiate(input.substr(0, end));
  const std::string_view body = input.substr(end);
  encode(Coding::kGzip, data[0] % 9 + 1, body);
  encode(Coding::kBrotli, data[0] / 16 % 6, body);
  return 0;
}
