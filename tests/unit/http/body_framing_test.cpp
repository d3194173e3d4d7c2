#include "lb/http/body_framing.h"

#include <catch2/catch.hpp>

#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

struct Case {
  const char* name;
  std::string fields;
  std::string framing;  // "" when refused
  Code code = Code::kOk;
  const char* version = "1.1";
};

TEST_CASE("A request has one length that nobody can read differently") {
  const Case cases[] = {
      {"none", "", "none"},
      {"zero", "Content-Length: 0", "length 0"},
      {"plain", "Content-Length: 42", "length 42"},
      {"leading zeros", "Content-Length: 0042", "length 42"},
      {"the largest", "Content-Length: 1152921504606846975", "length 1152921504606846975"},
      {"chunked", "transfer-ENCODING: cHunked", "chunked"},
      {"a name that only looks like it", "Content_Length: 42", "none"},
      {"length in 1.0", "Content-Length: 42", "length 42", Code::kOk, "1.0"},

      {"over 60 bits", "Content-Length: 1152921504606846976", "", Code::kAmbiguousRequest},
      {"over 64 bits", "Content-Length: 18446744073709551616", "", Code::kAmbiguousRequest},
      {"64 bits once around", "Content-Length: 18446744073709551621", "", Code::kAmbiguousRequest},
      {"empty", "Content-Length:", "", Code::kAmbiguousRequest},
      {"plus", "Content-Length: +5", "", Code::kAmbiguousRequest},
      {"minus", "Content-Length: -5", "", Code::kAmbiguousRequest},
      {"hexadecimal", "Content-Length: 0x5", "", Code::kAmbiguousRequest},
      {"underscore", "Content-Length: 1_0", "", Code::kAmbiguousRequest},
      {"fraction", "Content-Length: 5.0", "", Code::kAmbiguousRequest},
      {"blank within", "Content-Length: 5 5", "", Code::kAmbiguousRequest},
      {"letters behind", "Content-Length: 5a", "", Code::kAmbiguousRequest},
      {"quoted", "Content-Length: \"5\"", "", Code::kAmbiguousRequest},
      {"a list of equals", "Content-Length: 5, 5", "", Code::kAmbiguousRequest},
      {"a list of one", "Content-Length: 5,", "", Code::kAmbiguousRequest},
      {"no-break space", "Content-Length: 5\xa0", "", Code::kAmbiguousRequest},
      {"two that differ", "Content-Length: 5\r\nContent-Length: 6", "", Code::kAmbiguousRequest},
      {"two that agree", "Content-Length: 5\r\ncontent-length: 5", "", Code::kAmbiguousRequest},
      {"the second is empty", "Content-Length: 5\r\nContent-Length:", "", Code::kAmbiguousRequest},

      {"CL.TE", "Content-Length: 5\r\nTransfer-Encoding: chunked", "", Code::kAmbiguousRequest},
      {"TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 5", "", Code::kAmbiguousRequest},
      {"TE.CL with an odd coding", "Transfer-Encoding: x\r\nContent-Length: 5", "", Code::kAmbiguousRequest},
      {"TE and an empty CL", "Transfer-Encoding: chunked\r\nContent-Length:", "", Code::kAmbiguousRequest},
      {"two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "",
       Code::kAmbiguousRequest},
      {"two codings, one unknown", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "",
       Code::kAmbiguousRequest},
      {"TE in 1.0", "Transfer-Encoding: chunked", "", Code::kAmbiguousRequest, "1.0"},

      {"empty coding", "Transfer-Encoding:", "", Code::kCodingRefused},
      {"identity", "Transfer-Encoding: identity", "", Code::kCodingRefused},
      {"gzip", "Transfer-Encoding: gzip", "", Code::kCodingRefused},
      {"chunked last of a list", "Transfer-Encoding: gzip, chunked", "", Code::kCodingRefused},
      {"chunked not last", "Transfer-Encoding: chunked, gzip", "", Code::kCodingRefused},
      {"chunked twice in a list", "Transfer-Encoding: chunked, chunked", "", Code::kCodingRefused},
      {"list of one", "Transfer-Encoding: chunked,", "", Code::kCodingRefused},
      {"with a parameter", "Transfer-Encoding: chunked;q=1", "", Code::kCodingRefused},
      {"quoted", "Transfer-Encoding: \"chunked\"", "", Code::kCodingRefused},
      {"prefix", "Transfer-Encoding: xchunked", "", Code::kCodingRefused},
      {"suffix", "Transfer-Encoding: chunkedx", "", Code::kCodingRefused},
      {"NEL before",
       "Transfer-Encoding: \x85"
       "chunked",
       "", Code::kCodingRefused},
      {"no-break space behind", "Transfer-Encoding: chunked\xa0", "", Code::kCodingRefused},
      {"a dotless k",
       "Transfer-Encoding: chun\xe2\x84\xaa"
       "ed",
       "", Code::kCodingRefused},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const std::string lines = c.fields.empty() ? "" : c.fields + "\r\n";
    const ParsedRequest parsed("POST / HTTP/" + std::string(c.version) + "\r\nHost: h\r\n" + lines + "\r\n");
    REQUIRE(code_of(parsed.result) == c.code);
    if (parsed.result) CHECK(framing_text(parsed.head.framing) == c.framing);
  }
}

TEST_CASE("Trailers that would change a message are not read") {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"A: b\r\n", "A=b;"},
      {"A: b\r\nC:\td \r\n", "A=b;C=d;"},
      {"X-Checksum: 1\r\nContent-Length: 5\r\nDigest: 2\r\n", "X-Checksum=1;Digest=2;"},
      {"Transfer-Encoding: chunked\r\nHost: evil\r\nConnection: close\r\nTe: x\r\nTrailer: y\r\n", ""},
      {"Authorization: x\r\nCookie: y\r\nSet-Cookie: z\r\nProxy-Authorization: w\r\n", ""},
      {"X-Forwarded-For: 1\r\nx_forwarded_for: 1\r\nForwarded: 1\r\nX-Real-IP: 1\r\n", ""},
      {"Content-Type: x\r\nContent-Encoding: y\r\nLocation: z\r\nExpect: v\r\nRange: w\r\n", ""},
  };
  for (const auto& [text, fields] : cases) {
    INFO(text);
    CHECK(fields_text(parse_trailers(text)) == fields);
  }
}

}  // namespace
}  // namespace reseal::http::test
