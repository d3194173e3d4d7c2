// The chunked coding: the same in whatever pieces it comes, the same as a second decoder that is written
// plainly over the whole text, and what is decoded can be coded again.
//
// Input: one byte (the size of the pieces), then the body.
#include <algorithm>
#include <cstdint>
#include <string>

#include "lb/base/text.h"
#include "lb/http/body_framing.h"
#include "lb/http/characters.h"
#include "lb/http/chunked_decoder.h"
#include "lb/http/h1_writer.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/support/memory_sink.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http {
namespace {

struct Decoded {
  bool done = false;
  bool failed = false;
  std::string data;
  std::string trailers;
  std::size_t consumed = 0;
};

Decoded decode(std::string_view bytes, std::size_t piece) {
  ChunkedDecoder decoder;
  decoder.reset(Origin::kClient);
  Decoded out;
  test::in_pieces(bytes, piece, [&](std::string_view part) {
    while (!part.empty() && !out.failed && !decoder.done()) {
      const auto step = decoder.step(part);
      if (!step) {
        FUZZ_CHECK(step.error().code == Code::kBadRequest && step.error().origin == Origin::kClient);
        out.failed = true;
        return;
      }
      // Without progress the session would turn for ever.
      FUZZ_CHECK(step->consumed > 0 && step->consumed <= part.size());
      FUZZ_CHECK(step->data.size() <= step->consumed);
      out.data.append(step->data);
      out.consumed += step->consumed;
      part.remove_prefix(step->consumed);
    }
  });
  out.done = decoder.done();
  out.trailers = decoder.trailers();
  FUZZ_CHECK(!(out.done && out.failed));
  return out;
}

/// One line up to its CRLF, with no other control character in it than HTAB; false if there is none such.
bool take_line(std::string_view& rest, std::string_view& line) {
  const std::size_t end = rest.find("\r\n");
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return all_chars(line, kFieldChar);
}

bool read_trailers(std::string_view& rest, std::string& trailers) {
  std::string_view line;
  while (take_line(rest, line)) {
    if (line.empty()) return true;
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos || !all_chars(line.substr(0, colon), kTokenChar))
      return false;
    if (trailers.size() + line.size() + 4 > ChunkedDecoder::kMaxTrailerBytes) return false;
    trailers.append(line).append("\r\n");
  }
  return false;
}

/// RFC 9112 7.1 over a whole body, nothing but the grammar. Not done means refused or incomplete.
Decoded decode_plainly(std::string_view bytes) {
  Decoded out;
  std::string_view rest = bytes;
  std::string_view line;
  while (take_line(rest, line)) {
    const std::size_t digits = std::min(line.find(';'), line.size());
    const auto size = parse_hex(line.substr(0, digits));
    if (!size || digits > 15) return out;
    if (line.size() > digits + 1 + ChunkedDecoder::kMaxExtensionBytes) return out;
    if (*size == 0) {
      out.done = read_trailers(rest, out.trailers);
      out.consumed = bytes.size() - rest.size();
      return out;
    }
    if (rest.size() < 2 || *size > rest.size() - 2 || rest.substr(*size, 2) != "\r\n") return out;
    out.data.append(rest.substr(0, *size));
    rest.remove_prefix(*size + 2);
  }
  return out;
}

void check_coded_again(const Decoded& decoded, std::size_t piece) {
  const auto trailers = parse_trailers(decoded.trailers);
  for (const Field& field : trailers) {
    FUZZ_CHECK(all_chars(field.name, kTokenChar) && all_chars(field.value, kFieldChar));
    for (const std::string_view name : {"Content-Length", "Transfer-Encoding", "Host", "Connection"}) {
      FUZZ_CHECK(!equals_ignoring_case(field.name, name));
    }
  }
  BufferPool pool;
  reseal::test::MemorySink sink(pool);
  test::in_pieces(decoded.data, piece, [&](std::string_view part) { write_chunk(part, sink.output()); });
  write_last_chunk(trailers, sink.output());
  const std::string coded = sink.take();
  const Decoded again = decode(coded, piece);
  // "A:b" is written "A: b", so that trailers at their limit may come to be over it.
  if (again.failed && coded.size() > ChunkedDecoder::kMaxTrailerBytes) return;
  FUZZ_CHECK(again.done && again.consumed == coded.size());
  FUZZ_CHECK(again.data == decoded.data);
  FUZZ_CHECK(test::fields_text(parse_trailers(again.trailers)) == test::fields_text(trailers));
}

}  // namespace
}  // namespace reseal::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reseal::http;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = (data[0] & 0x1f) + 1U;
  const Decoded whole = decode(bytes, bytes.size() + 1);
  const Decoded pieces = decode(bytes, piece);
  FUZZ_CHECK(whole.done == pieces.done && whole.failed == pieces.failed && whole.data == pieces.data);
  const Decoded plain = decode_plainly(bytes);
  FUZZ_CHECK(whole.done == plain.done);
  if (!whole.done) return 0;
  FUZZ_CHECK(whole.consumed == pieces.consumed && whole.trailers == pieces.trailers);
  FUZZ_CHECK(whole.consumed == plain.consumed && whole.data == plain.data &&
             whole.trailers == plain.trailers);
  check_coded_again(whole, piece);
  return 0;
}
