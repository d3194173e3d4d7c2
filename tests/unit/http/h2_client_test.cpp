#include "lb/http/h2_client.h"

#include <catch2/catch.hpp>

#include "tests/unit/http/h2_client_harness.h"

namespace reseal::http::test {
namespace {

using h2::data;
using h2::headers;
using h2::kEndStream;

const std::string kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kPost = "POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kServerHello = h2::settings({{3, 100}});

std::string ok(std::uint32_t id, h2::Fields more = {}, int flags = 0) {
  h2::Fields fields = {{":status", "200"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return headers(id, fields, flags);
}

TEST_CASE("A request goes out as HTTP/2, whatever it came in") {
  const struct {
    const char* name;
    std::string request;
    std::string frames;
  } cases[] = {
      {"plain", kGet, "HEADERS 1 end :method=GET;:scheme=https;:path=/;:authority=h;"},
      {"fields", "GET /a?b HTTP/1.1\r\nHost: h:8443\r\nAccept: */*\r\nX-Mixed-Case: V\r\n\r\n",
       "HEADERS 1 end :method=GET;:scheme=https;:path=/a?b;:authority=h:8443;accept=*/*;x-mixed-case=V;"},
      {"hop by hop",
       "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nKeep-Alive: 5\r\nTE: trailers, gzip\r\n\r\n",
       "HEADERS 1 end :method=GET;:scheme=https;:path=/;:authority=h;te=trailers;"},
      {"a length of none", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
       "HEADERS 1 end :method=POST;:scheme=https;:path=/;:authority=h;content-length=0;"},
      {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
       "HEADERS 1 end :method=OPTIONS;:scheme=https;:path=*;:authority=h;"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    H2ClientHarness harness;
    harness.begin(c.request);
    CHECK(harness.take_frames() == c.frames);
  }
}

TEST_CASE("The preface states what the session allows, and that nothing is to be pushed") {
  H2ClientHarness harness;
  const std::string output = harness.take_output();  // before anybody asks for anything
  CHECK(output.starts_with(h2::kPreface + h2::settings({{2, 0}, {4, 65536}, {6, 65536}})));
}

struct Case {
  const char* name;
  std::string request;
  std::string input;
  std::string log;
};

TEST_CASE("HTTP/2 responses are read in whatever pieces they come") {
  const std::string head = "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
  const Case cases[] = {
      {"unknown length", kGet, ok(1) + data(1, "hel") + data(1, "lo", kEndStream),
       "1: 200 chunked | 1: body(hello) | 1: end"},
      {"length", kGet, ok(1, {{"content-length", "5"}}) + data(1, "hello", kEndStream),
       "1: 200 length 5 | 1: body(hello) | 1: end"},
      {"nothing", kGet, ok(1, {}, kEndStream), "1: 200 length 0 | 1: end"},
      {"an end of its own", kGet, ok(1) + data(1, "") + data(1, "x") + data(1, "", kEndStream),
       "1: 200 chunked | 1: body(x) | 1: end"},
      {"trailers", kGet, ok(1) + data(1, "x") + headers(1, {{"grpc-status", "0"}}),
       "1: 200 chunked | 1: body(x) | 1: end grpc-status=0;"},
      {"trailers only", kGet, ok(1, {{"grpc-status", "5"}}, kEndStream), "1: 200 length 0 | 1: end"},
      {"informational", kGet,
       headers(1, {{":status", "103"}}, 0) + headers(1, {{":status", "100"}}, 0) + ok(1, {}, kEndStream),
       "1: 103 | 1: 100 | 1: 200 length 0 | 1: end"},
      {"HEAD", head, ok(1, {{"content-length", "5"}}, kEndStream), "1: 200 none(5) | 1: end"},
      {"HEAD, its end later", head, ok(1, {{"content-length", "5"}}) + data(1, "", kEndStream),
       "1: 200 none(5) | 1: end"},
      {"204", kGet, headers(1, {{":status", "204"}}), "1: 204 none | 1: end"},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(c.name << " in pieces of " << piece);
      H2ClientHarness harness;
      harness.begin(c.request);
      harness.take_frames();
      harness.feed(kServerHello + c.input, piece);
      CHECK(harness.take_log() == c.log);
      CHECK(harness.exchange(1).close());
      CHECK(harness.take_frames().empty());  // nothing to reset
      CHECK(harness.session().free_requests() == 100);
    }
  }
}

TEST_CASE("Requests share a connection, and answers come in any order") {
  H2ClientHarness harness;
  for (int i = 0; i < 3; ++i) harness.begin();
  CHECK(harness.session().free_requests() == 97);
  harness.take_frames();
  harness.feed(kServerHello + ok(5) + ok(1) + data(5, "c", kEndStream) + data(1, "a", kEndStream));
  CHECK(harness.take_log() == "3: 200 chunked | 1: 200 chunked | 3: body(c) | 3: end | 1: body(a) | 1: end");
  CHECK(harness.exchange(1).close());
  CHECK(harness.exchange(3).close());
  CHECK(harness.session().free_requests() == 99);
}

TEST_CASE("A writer may be given back, and the next request begun, within any event") {
  for (const std::size_t piece : kPieces) {
    H2ClientHarness harness;
    harness.begin().close_at_end = true;
    harness.begin().close_at_body = true;
    harness.begin().close_at_head = true;
    harness.take_frames();
    harness.feed(
        kServerHello + ok(1, {}, kEndStream) + ok(3) + data(3, "x") + data(3, "y") + ok(5) + data(5, "z"),
        piece);
    CHECK(harness.take_log().find("(y") == std::string::npos);
    const std::string frames = harness.take_frames();
    CHECK(frames.find("RST_STREAM 3 8") != std::string::npos);
    CHECK(frames.find("RST_STREAM 5 8") != std::string::npos);
    CHECK(frames.find("RST_STREAM 1") == std::string::npos);
    CHECK(harness.session().free_requests() == 100);
  }
}

TEST_CASE("Bodies go out as their head says, with trailers, never longer") {
  H2ClientHarness chunked;
  auto& first = chunked.begin(kPost, false);
  CHECK(chunked.take_frames() == "HEADERS 1 :method=POST;:scheme=https;:path=/p;:authority=h;");
  first.writer->send_body("hello");
  const Field trailers[] = {{FieldName::kOther, false, "A", "b"}};
  first.writer->send_end(trailers);
  CHECK(chunked.take_frames() == "DATA 1 hello | HEADERS 1 end a=b;");

  H2ClientHarness longer;
  auto& second = longer.begin("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n", false);
  second.writer->send_body("ab");
  second.writer->send_body("cd");
  second.writer->send_end({});
  CHECK(longer.take_frames().ends_with("content-length=3; | DATA 1 end abc"));

  H2ClientHarness shorter;
  auto& third = shorter.begin("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n", false);
  shorter.take_frames();
  third.writer->send_body("ab");
  shorter.take_frames();
  third.writer->send_end({});
  CHECK(shorter.take_frames() == "RST_STREAM 1 8");
}

TEST_CASE("A paused response is held back, its window too, and other responses go on") {
  H2ClientHarness harness;
  harness.begin().pause_at_body = true;
  harness.begin();
  harness.take_frames();
  harness.feed(kServerHello + h2::settings_ack() + ok(1) + ok(3));
  const std::string piece(16 * 1024, 'x');
  for (int i = 0; i < 4; ++i) harness.feed(data(1, piece));
  CHECK(harness.take_frames().empty());
  CHECK_FALSE(harness.session().wants_pause());
  for (int i = 0; i < 4; ++i) harness.feed(data(3, piece));
  CHECK(harness.take_frames() == "WINDOW_UPDATE 3 32768 | WINDOW_UPDATE 3 32768");
  harness.take_log();
  harness.exchange(1).pause_at_body = false;
  harness.feed(data(1, "", kEndStream));
  CHECK(harness.take_log().empty());
  harness.exchange(1).writer->resume_response();
  CHECK(harness.take_log().ends_with("x) | 1: end"));
}

TEST_CASE("Request bytes wait for the server's windows, the exchange is told when they have gone") {
  H2ClientHarness harness;
  auto& exchange = harness.begin(kPost, false);
  const std::string piece(32 * 1024, 'x');
  std::size_t sent = 0;
  while (!exchange.writer->is_backed_up()) {
    exchange.writer->send_body(piece);
    sent += piece.size();
    harness.take_output();
    REQUIRE(sent < 1024 * 1024);
  }
  CHECK(sent <= 65535 + ByteSink::kHighWater + piece.size());
  harness.take_log();
  harness.feed(kServerHello + h2::window_update(0, 1 << 20) + h2::window_update(1, 1 << 20));
  for (int i = 0; i < 4; ++i) {
    harness.take_output();
    harness.session().on_drained();
  }
  CHECK(harness.take_log() == "1: drained");
}

}  // namespace
}  // namespace reseal::http::test
