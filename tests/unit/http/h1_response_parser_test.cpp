#include <catch2/catch.hpp>

#include "lb/http/h1_parser.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

using namespace std::string_literals;

struct Accepted {
  const char* name;
  std::string head;
  int status;
  std::string reason;
  std::string fields;
  std::string framing;
  bool keep_alive = true;
  Method request = Method::kGet;
};

TEST_CASE("A response head that keeps the grammar is read as it stands") {
  const Accepted cases[] = {
      {"length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, "OK", "Content-Length=5;", "length 5"},
      {"chunked", "HTTP/1.1 200 Fine by me\r\nTransfer-Encoding: chunked\r\n\r\n", 200, "Fine by me",
       "Transfer-Encoding=chunked;", "chunked"},
      {"neither", "HTTP/1.1 200 OK\r\n\r\n", 200, "OK", "", "until close", false},
      {"no reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, "", "Content-Length=0;", "length 0"},
      {"no blank after the status", "HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n", 404, "", "Content-Length=0;",
       "length 0"},
      {"UTF-8 in the reason", "HTTP/1.1 200 \xc3\xa4\r\nContent-Length: 0\r\n\r\n", 200, "\xc3\xa4",
       "Content-Length=0;", "length 0"},
      {"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", 200, "OK", "Content-Length=1;", "length 1",
       false},
      {"1.0, kept", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n", 200, "OK",
       "Content-Length=1;Connection=keep-alive;", "length 1"},
      {"1.0, kept but without length", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", 200, "OK",
       "Connection=keep-alive;", "until close", false},
      {"close", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n", 200, "OK",
       "Content-Length=1;Connection=close;", "length 1", false},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", 204, "No Content", "", "none"},
      {"204, saying so twice", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204, "No Content",
       "Content-Length=0;", "none"},
      {"103", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 103, "Early Hints", "Link=</a>;", "none"},
      {"HEAD states the length", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", 200, "OK",
       "Content-Length=1234;", "none(1234)", true, Method::kHead},
      {"HEAD without a length", "HTTP/1.1 200 OK\r\n\r\n", 200, "OK", "", "none", true, Method::kHead},
      {"HEAD, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, "OK",
       "Transfer-Encoding=chunked;", "none", true, Method::kHead},
      {"304 states the length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, "Not Modified",
       "Content-Length=9;", "none(9)"},
      {"304 without a length", "HTTP/1.1 304 Not Modified\r\n\r\n", 304, "Not Modified", "", "none"},
      {"the largest status", "HTTP/1.1 599 X\r\nContent-Length: 0\r\n\r\n", 599, "X", "Content-Length=0;",
       "length 0"},
  };
  for (const Accepted& c : cases) {
    INFO(c.name);
    const ParsedResponse parsed(c.head, c.request);
    REQUIRE(code_of(parsed.result) == Code::kOk);
    CHECK(parsed.head.status == c.status);
    CHECK(parsed.head.reason == c.reason);
    CHECK(fields_text(parsed.head.fields) == c.fields);
    CHECK(framing_text(parsed.head.framing) == c.framing);
    CHECK(parsed.head.keep_alive == c.keep_alive);
  }
}

TEST_CASE("Response heads that break the grammar are the server's fault") {
  const auto line = [](const std::string& text) { return text + "\r\nContent-Length: 0\r\n\r\n"; };
  const auto field = [](const std::string& text) { return "HTTP/1.1 200 OK\r\n" + text + "\r\n\r\n"; };
  const std::pair<const char*, std::string> cases[] = {
      {"not HTTP", line("hello")},
      {"HTTP/2", line("HTTP/2 200 OK")},
      {"HTTP/1.2", line("HTTP/1.2 200 OK")},
      {"ICY", line("ICY 200 OK")},
      {"no status", line("HTTP/1.1 ")},
      {"two digits", line("HTTP/1.1 20")},
      {"four digits", line("HTTP/1.1 2000 OK")},
      {"signed", line("HTTP/1.1 +20 OK")},
      {"blanks in the status", line("HTTP/1.1 2 0 OK")},
      {"two blanks before it", line("HTTP/1.1  200 OK")},
      {"below 100", line("HTTP/1.1 099 OK")},
      {"600", line("HTTP/1.1 600 OK")},
      {"NUL in the reason", line("HTTP/1.1 200 O\0K"s)},
      {"CR in the reason", line("HTTP/1.1 200 O\rK")},
      {"bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"},
      {"an empty line before", "\r\nHTTP/1.1 200 OK\r\n\r\n"},
      {"obs-fold", field("A: b\r\n c")},
      {"blank before the colon", field("A : b")},
      {"empty name", field(": b")},
      {"CR in a value: response splitting", field("A: b\rSet-Cookie: x=y")},
      {"NUL in a value", field("A: b\0"s)},
      {"two lengths", field("Content-Length: 1\r\nContent-Length: 1")},
      {"a list of lengths", field("Content-Length: 1, 1")},
      {"a length that is no number", field("Content-Length: 0x1")},
      {"an empty length", field("Content-Length:")},
      {"both TE and CL", field("Content-Length: 1\r\nTransfer-Encoding: chunked")},
      {"another coding", field("Transfer-Encoding: gzip, chunked")},
      {"two codings", field("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")},
      {"identity", field("Transfer-Encoding: identity")},
      {"TE in 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"TE with 204", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"TE with 100", "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"a length with 204", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n"},
      {"a length with 103", "HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n\r\n"},
      {"odd length with 304", "HTTP/1.1 304 Not Modified\r\nContent-Length: -1\r\n\r\n"},
  };
  for (const auto& [name, head] : cases) {
    INFO(name);
    const ParsedResponse parsed(head);
    REQUIRE(code_of(parsed.result) == Code::kBadResponse);
    CHECK(parsed.result.error().origin == Origin::kServer);
  }
}

TEST_CASE("A response head is held to the limits it is given") {
  const std::string head = "HTTP/1.1 200 OK\r\nA: b\r\nC: d\r\n\r\n";
  const auto code = [&head](HeadLimits limits) {
    return code_of(ParsedResponse(head, Method::kGet, limits).result);
  };
  CHECK(code({.head_bytes = head.size(), .target_bytes = 0, .fields = 2}) == Code::kOk);
  CHECK(code({.head_bytes = head.size() - 1, .target_bytes = 0, .fields = 2}) == Code::kBadResponse);
  CHECK(code({.head_bytes = head.size(), .target_bytes = 0, .fields = 1}) == Code::kBadResponse);
}

}  // namespace
}  // namespace reseal::http::test
