#include "lb/http/chunked_decoder.h"

#include <catch2/catch.hpp>

#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

using namespace std::string_literals;

struct Decoded {
  std::string data;
  std::string trailers;
  std::size_t consumed = 0;
  bool done = false;
  Code code = Code::kOk;
};

Decoded decode(std::string_view bytes, std::size_t piece, Origin origin = Origin::kClient) {
  ChunkedDecoder decoder;
  decoder.reset(origin);
  Decoded out;
  in_pieces(bytes, piece, [&](std::string_view part) {
    while (!part.empty() && !decoder.done() && out.code == Code::kOk) {
      const auto step = decoder.step(part);
      if (!step) {
        out.code = step.error().code;
        return;
      }
      REQUIRE(step->consumed > 0);
      out.data.append(step->data);
      out.consumed += step->consumed;
      part.remove_prefix(step->consumed);
    }
  });
  out.done = decoder.done();
  out.trailers = decoder.trailers();
  return out;
}

struct Case {
  const char* name;
  std::string bytes;
  std::string data;
  std::string trailers = "";
  std::size_t surplus = 0;
};

TEST_CASE("The chunked coding is decoded in whatever pieces it comes") {
  const std::string extension = ";" + std::string(ChunkedDecoder::kMaxExtensionBytes, 'x');
  const std::string trailer = "A: " + std::string(ChunkedDecoder::kMaxTrailerBytes - 7, 'x') + "\r\n";
  const Case cases[] = {
      {"empty", "0\r\n\r\n", ""},
      {"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"},
      {"several", "1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n", "abcdef"},
      {"both cases of hex", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"},
      {"leading zeros", "0005\r\nhello\r\n000\r\n\r\n", "hello"},
      {"data that looks like coding", "7\r\n0\r\n\r\n0\r\r\n0\r\n\r\n", "0\r\n\r\n0\r"},
      {"extensions", "5;a=b;c=\"d e\"\r\nhello\r\n0;x\r\n\r\n", "hello"},
      {"the longest extension", "1" + extension + "\r\na\r\n0\r\n\r\n", "a"},
      {"trailers", "0\r\nA: b\r\nC:\r\n\r\n", "", "A: b\r\nC:\r\n"},
      {"the longest trailers", "0\r\n" + trailer + "\r\n", "", trailer},
      {"bytes behind", "1\r\na\r\n0\r\n\r\nGET /", "a", "", 5},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(c.name << " in pieces of " << piece);
      const Decoded out = decode(c.bytes, piece);
      CHECK(out.code == Code::kOk);
      CHECK(out.done);
      CHECK(out.data == c.data);
      CHECK(out.trailers == c.trailers);
      CHECK(out.consumed == c.bytes.size() - c.surplus);
      CHECK_FALSE(decode(std::string_view(c.bytes).substr(0, c.bytes.size() - c.surplus - 1), piece).done);
    }
  }
}

TEST_CASE("A chunked body that two could read differently is refused") {
  const std::string extension = ";" + std::string(ChunkedDecoder::kMaxExtensionBytes + 1, 'x');
  const std::string trailer = "A: " + std::string(ChunkedDecoder::kMaxTrailerBytes - 6, 'x') + "\r\n";
  const std::pair<const char*, std::string> cases[] = {
      {"no size", "\r\nhello"},
      {"an extension without a size", ";a\r\n"},
      {"0x", "0x5\r\nhello\r\n0\r\n\r\n"},
      {"plus", "+5\r\nhello\r\n0\r\n\r\n"},
      {"minus", "-5\r\nhello\r\n0\r\n\r\n"},
      {"underscore", "1_0\r\n0123456789abcdef\r\n0\r\n\r\n"},
      {"blank before", " 5\r\nhello\r\n0\r\n\r\n"},
      {"blank behind", "5 \r\nhello\r\n0\r\n\r\n"},
      {"blank before an extension", "5 ;a\r\nhello\r\n0\r\n\r\n"},
      {"tab behind", "5\t\r\nhello\r\n0\r\n\r\n"},
      {"no hex", "g\r\n"},
      {"64 bits and more", "10000000000000005\r\nhello\r\n0\r\n\r\n"},
      {"16 digits", "0000000000000005\r\nhello\r\n0\r\n\r\n"},
      {"size ends in LF", "5\nhello\r\n0\r\n\r\n"},
      {"size ends in CR", "5\rhello\r\n0\r\n\r\n"},
      {"size ends in CR CR LF", "5\r\r\nhello\r\n0\r\n\r\n"},
      {"LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"},
      {"CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"},
      {"NUL in an extension", "5;a\0\r\nhello\r\n0\r\n\r\n"s},
      {"extension too long", "5" + extension + "\r\nhello\r\n0\r\n\r\n"},
      {"data too long", "5\r\nhello!\r\n0\r\n\r\n"},
      {"data too short", "5\r\nhell\r\n0\r\n\r\n"},
      {"LF after data", "5\r\nhello\n0\r\n\r\n"},
      {"CR after data", "5\r\nhello\r0\r\n\r\n"},
      {"CR and something else after data", "5\r\nhello\rx0\r\n\r\n"},
      {"nothing after data", "5\r\nhello0\r\n\r\n"},
      {"last chunk ends in LF", "0\n\r\n"},
      {"trailer line ends in LF", "0\r\nA: b\n\r\n"},
      {"trailer section ends in LF", "0\r\n\n"},
      {"CR in a trailer", "0\r\nA: b\rc\r\n\r\n"},
      {"NUL in a trailer", "0\r\nA: b\0\r\n\r\n"s},
      {"trailer without a colon", "0\r\nAb\r\n\r\n"},
      {"trailer without a name", "0\r\n: b\r\n\r\n"},
      {"blank before the colon", "0\r\nA : b\r\n\r\n"},
      {"folded trailer", "0\r\nA: b\r\n c: d\r\n\r\n"},
      {"a request for a trailer", "0\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"trailers too long", "0\r\n" + trailer + "\r\n"},
  };
  for (const auto& [name, bytes] : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(name << " in pieces of " << piece);
      const Decoded out = decode(bytes, piece);
      CHECK(out.code == Code::kBadRequest);
      CHECK_FALSE(out.done);
      CHECK(decode(bytes, piece, Origin::kServer).code == Code::kBadResponse);
    }
  }
}

TEST_CASE("A decoder that has failed stays so until it is reset") {
  ChunkedDecoder decoder;
  decoder.reset(Origin::kClient);
  REQUIRE_FALSE(decoder.step("x"));
  CHECK_FALSE(decoder.step("0\r\n\r\n"));
  decoder.reset(Origin::kClient);
  CHECK(decoder.step("0\r\n\r\n"));
  CHECK(decoder.done());
}

TEST_CASE("Body bytes are views into the input, as many as it holds") {
  ChunkedDecoder decoder;
  decoder.reset(Origin::kClient);
  const std::string_view input = "5\r\nhel";
  const auto step = decoder.step(input);
  REQUIRE(step);
  CHECK(step->consumed == input.size());
  CHECK(step->data.data() == input.data() + 3);
  CHECK(step->data == "hel");
}

}  // namespace
}  // namespace reseal::http::test
