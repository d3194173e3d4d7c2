#include "lb/http/h1_writer.h"

#include <catch2/catch.hpp>

#include "lb/http/sanitize.h"
#include "tests/support/memory_sink.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

std::string written_request(const std::string& head, bool sanitized) {
  ParsedRequest parsed(head);
  REQUIRE(parsed.result);
  if (sanitized) drop_hop_by_hop(parsed.head);
  reseal::test::MemorySink sink(parsed.pool);
  write_request_head(parsed.head, sink.output());
  return sink.take();
}

TEST_CASE("A request head is written in origin-form, with Host first and its framing stated once") {
  const std::pair<std::string, std::string> cases[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"GET /a?b HTTP/1.1\r\nA:  b \r\nhost:h:8\r\nC:\r\n\r\n",
       "GET /a?b HTTP/1.1\r\nHost: h:8\r\nA: b\r\nC: \r\n\r\n"},
      {"GET http://h/x HTTP/1.1\r\nHost: h\r\n\r\n", "GET /x HTTP/1.1\r\nHost: h\r\n\r\n"},
      {"GET http://h:8/x HTTP/1.0\r\n\r\n", "GET /x HTTP/1.1\r\nHost: h:8\r\n\r\n"},
      {"GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 007\r\nA: b\r\n\r\n",
       "POST / HTTP/1.1\r\nHost: h\r\nA: b\r\nContent-Length: 7\r\n\r\n"},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
       "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"},
      {"POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding: Chunked\r\n\r\n",
       "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"},
  };
  for (const auto& [head, text] : cases) {
    INFO(head);
    CHECK(written_request(head, true) == text);
    CHECK(written_request(head, false) == text);
  }
}

TEST_CASE("A head larger than a chunk of the queue is written all the same") {
  const std::string value(20000, 'v');
  CHECK(written_request("GET / HTTP/1.1\r\nHost: h\r\nA: " + value + "\r\n\r\n", true) ==
        "GET / HTTP/1.1\r\nHost: h\r\nA: " + value + "\r\n\r\n");
}

struct ResponseCase {
  const char* name;
  std::string head;
  Framing framing;
  ResponseOptions options;
  std::string text;
};

TEST_CASE("A response head is written with the framing that the session chose") {
  const std::string plain = "HTTP/1.0 200 Fine\r\nA: b\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
  const ResponseCase cases[] = {
      {"length",
       plain,
       {BodyKind::kLength, 5, false},
       {},
       "HTTP/1.1 200 Fine\r\nA: b\r\nContent-Length: 5\r\n\r\n"},
      {"chunked",
       plain,
       {BodyKind::kChunked, 0, false},
       {},
       "HTTP/1.1 200 Fine\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"until close",
       plain,
       {BodyKind::kUntilClose, 0, false},
       {.close = true},
       "HTTP/1.1 200 Fine\r\nA: b\r\nConnection: close\r\n\r\n"},
      {"none", plain, {}, {}, "HTTP/1.1 200 Fine\r\nA: b\r\n\r\n"},
      {"declared only",
       plain,
       {BodyKind::kNone, 77, true},
       {},
       "HTTP/1.1 200 Fine\r\nA: b\r\nContent-Length: 77\r\n\r\n"},
      {"kept for 1.0",
       plain,
       {BodyKind::kLength, 5, false},
       {.http10_keep_alive = true},
       "HTTP/1.1 200 Fine\r\nA: b\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n"},
      {"no reason", "HTTP/1.1 299\r\n\r\n", {}, {}, "HTTP/1.1 299 \r\n\r\n"},
      {"the largest length",
       "HTTP/1.1 200 OK\r\n\r\n",
       {BodyKind::kLength, ~std::uint64_t{0}, false},
       {.close = true, .http10_keep_alive = true},
       "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\nConnection: close\r\n\r\n"},
  };
  for (const ResponseCase& c : cases) {
    INFO(c.name);
    ParsedResponse parsed(c.head);
    REQUIRE(parsed.result);
    drop_hop_by_hop(parsed.head);
    reseal::test::MemorySink sink(parsed.pool);
    write_response_head(parsed.head, c.framing, c.options, sink.output());
    CHECK(sink.take() == c.text);
  }
}

TEST_CASE("A head that says nothing but its status is written") {
  BufferPool pool;
  ResponseHead head(pool);
  head.status = 299;
  head.add(FieldName::kOther, "A", {});
  reseal::test::MemorySink sink(pool);
  write_response_head(head, {}, {}, sink.output());
  CHECK(sink.take() == "HTTP/1.1 299 \r\nA: \r\n\r\n");
}

TEST_CASE("Chunks are written with their size in hexadecimal, and none that would end the body") {
  BufferPool pool;
  reseal::test::MemorySink sink(pool);
  write_chunk("hello", sink.output());
  CHECK(sink.take() == "5\r\nhello\r\n");
  write_chunk("", sink.output());
  CHECK(sink.take().empty());
  write_chunk(std::string(0x12ab, 'x'), sink.output());
  CHECK(sink.take() == "12ab\r\n" + std::string(0x12ab, 'x') + "\r\n");
  write_last_chunk({}, sink.output());
  CHECK(sink.take() == "0\r\n\r\n");
  const Field trailers[] = {{FieldName::kOther, false, "A", "b"},
                            {FieldName::kOther, true, "X", "y"},
                            {FieldName::kOther, false, "C", ""}};
  write_last_chunk(trailers, sink.output());
  CHECK(sink.take() == "0\r\nA: b\r\nC: \r\n\r\n");
}

TEST_CASE("What was written takes no memory once it is sent") {
  BufferPool pool;
  reseal::test::MemorySink sink(pool);
  write_chunk(std::string(100000, 'x'), sink.output());
  CHECK(pool.in_use() > 0);
  sink.take();
  CHECK(pool.in_use() == 0);
}

}  // namespace
}  // namespace reseal::http::test
