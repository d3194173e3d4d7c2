#include <brotli/decode.h>
#include <malloc.h>
#include <zlib.h>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "lb/base/random.h"
#include "lb/http/brotli_encoder.h"
#include "lb/http/encoder_pool.h"
#include "lb/http/gzip_encoder.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

struct Collected final : EncoderOutput {
  void on_encoded(std::string_view bytes) override {
    CHECK_FALSE(bytes.empty());
    text += bytes;
  }
  std::string text;
};

/// What a decoder makes of the bytes so far; `complete`: and the stream ends exactly there.
std::string gunzip(const std::string& coded, bool complete) {
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
  std::string copy = coded, text;
  stream.next_in = reinterpret_cast<Bytef*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  std::vector<char> piece(65536);
  int result = Z_OK;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_SYNC_FLUSH);
    text.append(piece.data(), piece.size() - stream.avail_out);
  } while (result == Z_OK && (stream.avail_in != 0 || stream.avail_out == 0));
  CHECK((result == Z_STREAM_END) == complete);
  CHECK(stream.avail_in == 0);
  inflateEnd(&stream);
  return text;
}

std::string unbrotli(const std::string& coded, bool complete) {
  BrotliDecoderState* state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
  const auto* next = reinterpret_cast<const std::uint8_t*>(coded.data());
  std::size_t left = coded.size();
  std::string text;
  BrotliDecoderResult result;
  do {
    std::size_t room = 0;
    result = BrotliDecoderDecompressStream(state, &left, &next, &room, nullptr, nullptr);
    std::size_t size = 0;
    const std::uint8_t* output = BrotliDecoderTakeOutput(state, &size);
    text.append(reinterpret_cast<const char*>(output), size);
  } while (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT);
  CHECK((result == BROTLI_DECODER_RESULT_SUCCESS) == complete);
  CHECK(left == 0);
  BrotliDecoderDestroyInstance(state);
  return text;
}

std::string decoded(Coding coding, const std::string& coded, bool complete = true) {
  return coding == Coding::kGzip ? gunzip(coded, complete) : unbrotli(coded, complete);
}

std::string sample(std::size_t size, std::uint64_t seed, bool compressible) {
  Random random(seed);
  std::string text;
  while (text.size() < size) {
    if (compressible) {
      text += "<li class=\"item\">entry " + std::to_string(random.below(1000)) + "</li>\n";
    } else {
      text += static_cast<char>(random.next() & 0xff);
    }
  }
  text.resize(size);
  return text;
}

constexpr std::size_t kSizes[] = {0, 1, 2, 100, 16383, 16384, 16385, 70000, 300000};

TEST_CASE("Every size, in every piece, of every coding and level comes out as it went in") {
  EncoderPool pool;
  for (const auto& [coding, best] : {std::pair{Coding::kGzip, 9}, {Coding::kBrotli, 5}}) {
    for (int level = coding == Coding::kGzip ? 1 : 0; level <= best; ++level) {
      for (const std::size_t size : kSizes) {
        for (const std::size_t piece : {std::size_t{1000}, std::size_t{16384}, size + 1}) {
          INFO(coding_name(coding) << " " << level << ", " << size << " bytes in pieces of " << piece);
          const std::string text = sample(size, size + piece, size % 2 == 0);
          Encoder* encoder = pool.take(coding, level);
          REQUIRE(encoder != nullptr);
          Collected out;
          bool ok = true;
          in_pieces(text, piece,
                    [&](std::string_view part) { ok &= encoder->encode(part, Encoder::Then::kMore, out); });
          CHECK(ok);
          CHECK(encoder->encode({}, Encoder::Then::kEnd, out));
          pool.give_back(*encoder, level);
          CHECK(decoded(coding, out.text) == text);
        }
      }
    }
  }
  CHECK(pool.memory_in_use() == 0);
}

TEST_CASE("Before a pause everything goes out that came in") {
  EncoderPool pool;
  for (const Coding coding : {Coding::kGzip, Coding::kBrotli}) {
    Encoder* encoder = pool.take(coding, 3);
    REQUIRE(encoder != nullptr);
    Collected out;
    std::string text;
    for (const std::size_t size : {1, 5, 0, 20000, 3, 100000}) {
      const std::string part = sample(size, size, true);
      text += part;
      CHECK(encoder->encode(part, Encoder::Then::kMore, out));
      CHECK(encoder->encode({}, Encoder::Then::kPause, out));
      CHECK(decoded(coding, out.text, false) == text);
    }
    CHECK(encoder->encode({}, Encoder::Then::kEnd, out));
    pool.give_back(*encoder, 3);
    CHECK(decoded(coding, out.text) == text);
  }
}

TEST_CASE("A stream that is given up leaves nothing in the next one") {
  EncoderPool pool;
  for (const Coding coding : {Coding::kGzip, Coding::kBrotli}) {
    for (const int level : {3, 1, 5, 3}) {
      Encoder* broken_off = pool.take(coding, level);
      REQUIRE(broken_off != nullptr);
      Collected lost;
      CHECK(broken_off->encode(sample(50000, 1, true), Encoder::Then::kMore, lost));
      pool.give_back(*broken_off, level);
      Encoder* encoder = pool.take(coding, level);
      CHECK(encoder == broken_off);  // the same one again
      Collected out;
      CHECK(encoder->encode("short", Encoder::Then::kEnd, out));
      pool.give_back(*encoder, level);
      CHECK(decoded(coding, out.text) == "short");
    }
  }
}

TEST_CASE("A higher level makes it smaller") {
  const std::string text = sample(200000, 7, true);
  const auto size_at = [&](Encoder& encoder, int level) {
    Collected out;
    REQUIRE(encoder.begin(level));
    CHECK(encoder.encode(text, Encoder::Then::kEnd, out));
    return out.text.size();
  };
  GzipEncoder gzip;
  BrotliEncoder brotli;
  CHECK(size_at(gzip, 9) < size_at(gzip, 1));
  CHECK(size_at(brotli, 5) < size_at(brotli, 0));
}

TEST_CASE("The pool lends no more than its bound, and what comes back can be lent again") {
  EncoderPool pool;
  std::vector<Encoder*> taken;
  while (Encoder* encoder = pool.take(Coding::kBrotli, 3)) {
    taken.push_back(encoder);
    REQUIRE(taken.size() < 1000);
  }
  CHECK(taken.size() == 32);
  CHECK(pool.memory_in_use() <= EncoderPool::kMostMemory);
  CHECK(pool.take(Coding::kBrotli, 3) == nullptr);
  pool.give_back(*taken.back(), 3);
  taken.back() = pool.take(Coding::kBrotli, 3);
  CHECK(taken.back() != nullptr);
  for (Encoder* encoder : taken) pool.give_back(*encoder, 3);
  CHECK(pool.memory_in_use() == 0);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// With a sanitizer malloc is another one, which mallinfo2 knows nothing of.
TEST_CASE("An encoder takes no more memory than it says") {
  const auto held = [] {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const std::string texts[] = {sample(2'000'000, 3, true), sample(2'000'000, 4, false)};
  constexpr std::size_t kPiece = 65536;
  const auto most_held = [&](Encoder& encoder, int level) {
    const std::size_t before = held();
    std::size_t most = 0;
    struct Discard final : EncoderOutput {
      void on_encoded(std::string_view) override {}
    } nowhere;
    REQUIRE(encoder.begin(level));
    for (std::string_view text : texts) {
      for (; !text.empty(); text.remove_prefix(std::min(text.size(), kPiece))) {
        CHECK(encoder.encode(text.substr(0, kPiece), Encoder::Then::kMore, nowhere));
        most = std::max(most, held() - before);
      }
    }
    return most;
  };
  for (int level = 1; level <= 9; ++level) {
    GzipEncoder encoder;
    INFO("gzip " << level);
    CHECK(most_held(encoder, level) <= encoder.memory(level));
  }
  for (int level = 0; level <= 5; ++level) {
    BrotliEncoder encoder;
    INFO("br " << level);
    CHECK(most_held(encoder, level) <= encoder.memory(level));
  }
}
#endif

}  // namespace
}  // namespace reseal::http::test
