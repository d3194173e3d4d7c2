#include <catch2/catch.hpp>

#include "lb/http/h2_fields.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

struct ReadResponse {
  explicit ReadResponse(const List& list, bool end_stream = false, const AskedFor& asked = {}) : head(pool) {
    result = read_h2_response(raw(list), end_stream, asked, head);
  }
  BufferPool pool;
  ResponseHead head;
  Result<void> result;
};

TEST_CASE("What an HTTP/2 response may say, and how its body is framed") {
  const struct {
    const char* name;
    List list;
    bool end_stream;
    Method method;
    std::string framing;  // "" for refused
  } cases[] = {
      {"unknown length", {{":status", "200"}}, false, Method::kGet, "chunked"},
      {"length", {{":status", "200"}, {"content-length", "5"}}, false, Method::kGet, "length 5"},
      {"nothing", {{":status", "200"}}, true, Method::kGet, "length 0"},
      {"length 0", {{":status", "200"}, {"content-length", "0"}}, true, Method::kGet, "length 0"},
      {"length 0, trailers to come",
       {{":status", "200"}, {"content-length", "0"}},
       false,
       Method::kGet,
       "chunked"},
      {"HEAD", {{":status", "200"}, {"content-length", "5"}}, true, Method::kHead, "none(5)"},
      {"204", {{":status", "204"}}, true, Method::kGet, "none"},
      {"304", {{":status", "304"}, {"content-length", "5"}}, true, Method::kGet, "none(5)"},
      {"103", {{":status", "103"}, {"link", "</a>"}}, false, Method::kGet, "none"},
      {"a length and no body", {{":status", "200"}, {"content-length", "5"}}, true, Method::kGet, ""},
      {"103 that ends", {{":status", "103"}}, true, Method::kGet, ""},
      {"101", {{":status", "101"}}, false, Method::kGet, ""},
      {"no status", {{"a", "b"}}, false, Method::kGet, ""},
      {"two", {{":status", "200"}, {":status", "200"}}, false, Method::kGet, ""},
      {"status behind", {{"a", "b"}, {":status", "200"}}, false, Method::kGet, ""},
      {"99", {{":status", "99"}}, false, Method::kGet, ""},
      {"0200", {{":status", "0200"}}, false, Method::kGet, ""},
      {"+20", {{":status", "+20"}}, false, Method::kGet, ""},
      {"600", {{":status", "600"}}, false, Method::kGet, ""},
      {":path", {{":status", "200"}, {":path", "/"}}, false, Method::kGet, ""},
      {"connection", {{":status", "200"}, {"connection", "close"}}, false, Method::kGet, ""},
      {"transfer-encoding", {{":status", "200"}, {"transfer-encoding", "chunked"}}, false, Method::kGet, ""},
      {"upper case", {{":status", "200"}, {"Server", "x"}}, false, Method::kGet, ""},
      {"response splitting", {{":status", "200"}, {"a", "b\r\nset-cookie: c"}}, false, Method::kGet, ""},
      {"two lengths",
       {{":status", "200"}, {"content-length", "5"}, {"content-length", "5"}},
       false,
       Method::kGet,
       ""},
      {"a body for 204", {{":status", "204"}, {"content-length", "5"}}, false, Method::kGet, ""},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    const ReadResponse read(c.list, c.end_stream, {c.method, false, ""});
    CHECK((read.result ? framing_text(read.head.framing) : std::string()) == c.framing);
    if (!read.result) CHECK(read.result.error().code == Code::kBadResponse);
  }
}

TEST_CASE("The response that opens a tunnel takes the form of HTTP/1.1") {
  const AskedFor websocket{Method::kGet, true, "websocket"};
  const ReadResponse opened({{":status", "200"}, {"sec-websocket-protocol", "chat"}}, false, websocket);
  REQUIRE(opened.result);
  CHECK(opened.head.status == 101);
  CHECK(opened.head.upgrade == "websocket");
  CHECK(opened.head.framing.kind == BodyKind::kTunnel);
  CHECK(fields_text(opened.head.fields) == "sec-websocket-protocol=chat;");
  const ReadResponse refused({{":status", "403"}}, true, websocket);
  REQUIRE(refused.result);
  CHECK(refused.head.status == 403);
  CHECK(framing_text(refused.head.framing) == "length 0");
  const ReadResponse connected({{":status", "204"}}, false, {Method::kConnect, true, ""});
  REQUIRE(connected.result);
  CHECK(connected.head.status == 204);
  CHECK(connected.head.framing.kind == BodyKind::kTunnel);
}

TEST_CASE("Trailers keep what may be in them, and only that") {
  BufferPool pool;
  Arena arena(pool);
  std::vector<Field> trailers;
  const List list = {
      {"grpc-status", "0"}, {"content-length", "5"}, {"x_forwarded_for", "::1"}, {"host", "x"}};
  REQUIRE(read_h2_trailers(raw(list), Origin::kServer, arena, trailers));
  CHECK(fields_text(trailers) == "grpc-status=0;");
  for (const List& bad : {List{{":status", "200"}}, List{{"A", "b"}}, List{{"a", "b\r\nc"}}, List{{"", "b"}},
                          List{{"transfer-encoding", "chunked"}}}) {
    const auto read = read_h2_trailers(raw(bad), Origin::kClient, arena, trailers);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::kBadRequest);
  }
}

TEST_CASE("A header block is bounded while it is decoded") {
  BufferPool pool;
  HeaderBlock block(pool, 1000);
  for (int i = 0; i < 10; ++i) CHECK(block.add("name", std::string(64, 'v')));  // 100 each
  CHECK_FALSE(block.is_too_large());
  CHECK(block.fields().size() == 10);
  CHECK(block.add("", ""));
  CHECK(block.is_too_large());
  CHECK(block.fields().empty());
  CHECK(pool.in_use() == 0);
  int more = 0;
  while (block.add("", "") && more < 1000) ++more;
  CHECK(more == (4000 - 1032) / 32);
  block.clear();
  CHECK_FALSE(block.is_too_large());
}

}  // namespace
}  // namespace reseal::http::test
