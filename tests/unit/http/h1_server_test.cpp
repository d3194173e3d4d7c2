#include "lb/http/h1_server.h"

#include <catch2/catch.hpp>

#include "tests/unit/http/server_harness.h"

namespace reseal::http::test {
namespace {

using Answer = ServerHarness::Answer;

std::string ok(std::string_view body, std::string_view connection = "") {
  return ServerHarness::answered(200, body, connection);
}

struct Case {
  const char* name;
  std::string input;
  std::string log;
  std::string output;
};

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kGetB = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kPost = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
const std::string kChunked = "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kGetDone = "GET /a none | end | complete";

TEST_CASE("Requests are read and answered in order, in whatever pieces they come") {
  const Case cases[] = {
      {"one", kGet, kGetDone, ok("/a")},
      {"three at a time", kGet + kGetB + kGet, kGetDone + " | GET /b none | end | complete | " + kGetDone,
       ok("/a") + ok("/b") + ok("/a")},
      {"a body, then another", kPost + "hello" + kGet,
       "POST /p length 5 | body(hello) | end | complete | " + kGetDone, ok("/p") + ok("/a")},
      {"an empty body", "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n" + kGet,
       "POST /p length 0 | end | complete | " + kGetDone, ok("/p") + ok("/a")},
      {"chunks, then another", kChunked + "2\r\nhe\r\n3;x\r\nllo\r\n0\r\nA: b\r\nHost: i\r\n\r\n" + kGet,
       "POST /c chunked | body(hello) | end A=b; | complete | " + kGetDone, ok("/c") + ok("/a")},
      {"no chunk", kChunked + "0\r\n\r\n" + kGet, "POST /c chunked | end | complete | " + kGetDone,
       ok("/c") + ok("/a")},
      {"an empty line before each", "\r\n" + kGet + "\r\n" + kGet, kGetDone + " | " + kGetDone,
       ok("/a") + ok("/a")},
      {"close is asked for", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + kGetB,
       kGetDone + " | done", ok("/a", "close")},
      {"1.0", "GET /a HTTP/1.0\r\n\r\n" + kGetB, kGetDone + " | done", ok("/a", "close")},
      {"1.0, kept", "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + kGetB,
       kGetDone + " | GET /b none | end | complete", ok("/a", "keep-alive") + ok("/b")},
      {"HEAD", "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n" + kGetB,
       "HEAD /a none | end | complete | GET /b none | end | complete",
       "HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\n" + ok("/b")},
      {"a body that looks like a request",
       "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 28\r\n\r\n" + kGet.substr(0, 28),
       "POST /p length 28 | body(" + kGet.substr(0, 28) + ") | end | complete", ok("/p")},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(c.name << " in pieces of " << piece);
      ServerHarness harness(Answer::kAtEnd);
      harness.feed(c.input, piece);
      CHECK(harness.take_log() == c.log);
      CHECK(harness.take_output() == c.output);
    }
  }
}

TEST_CASE("An answer from within the head's event is taken, and the next request begins after it") {
  for (const std::size_t piece : kPieces) {
    ServerHarness harness(Answer::kAtOnce);
    harness.feed(kGet + kGetB, piece);
    CHECK(harness.take_log() == "GET /a none | complete | GET /b none | complete");
    CHECK(harness.take_output() == ok("/a") + ok("/b"));
    CHECK(harness.session().is_idle());
  }
}

TEST_CASE("Any number of pipelined requests takes no deeper stack") {
  std::string input;
  for (int i = 0; i < 50000; ++i) input += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  ServerHarness harness(Answer::kAtOnce);
  harness.feed(input);
  std::size_t written = 0;
  while (!harness.session().is_idle()) {
    const std::size_t now = harness.take_output().size();
    REQUIRE(now != 0);
    written += now;
    harness.session().on_drained();
  }
  CHECK(written + harness.take_output().size() == 50000 * ok("/").size());

  // The same when every answer comes from outside, each running on from the buffer.
  ServerHarness by_hand(Answer::kByHand);
  by_hand.feed(input);
  int answers = 0;
  for (; !by_hand.session().is_idle() && answers < 50001; ++answers) {
    by_hand.answer(200, "");
    by_hand.take_output();
  }
  CHECK(answers == 50000);
}

TEST_CASE("A client that asks without reading gets no more answers than its connection holds") {
  std::string input;
  for (int i = 0; i < 50000; ++i) input += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  ServerHarness harness(Answer::kAtOnce);
  harness.feed(input);
  CHECK(harness.session().wants_pause());
  CHECK(harness.take_output().size() < ByteSink::kHighWater + 1024);
  // Its end does not throw away what it has asked.
  harness.session().on_input_end();
  harness.session().on_drained();
  CHECK(harness.take_output().size() > 1024);
}

TEST_CASE("The next request waits until the response before it is complete") {
  ServerHarness harness(Answer::kByHand);
  harness.feed(kGet + kGetB);
  CHECK(harness.take_log() == "GET /a none | end");
  CHECK(harness.session().wants_pause());
  CHECK_FALSE(harness.session().is_idle());
  harness.answer(200, "1");
  CHECK(harness.take_log() == "complete | GET /b none | end");
  CHECK_FALSE(harness.session().wants_pause());
  harness.answer(200, "2");
  CHECK(harness.take_log() == "complete");
  CHECK(harness.take_output() == ok("1") + ok("2"));
  CHECK(harness.session().is_idle());
}

TEST_CASE("A body is held back until the exchange wants it") {
  for (const std::size_t piece : kPieces) {
    ServerHarness harness(Answer::kByHand);
    harness.feed(kPost + "he", piece);
    CHECK(harness.take_log() == "POST /p length 5");
    CHECK(harness.session().wants_pause());
    harness.writer().resume_request_body();
    CHECK(harness.take_log() == "body(he)");
    CHECK_FALSE(harness.session().wants_pause());
    harness.writer().pause_request_body();
    harness.feed("llo", piece);
    CHECK(harness.take_log().empty());
    CHECK(harness.session().wants_pause());
    harness.writer().resume_request_body();
    CHECK(harness.take_log() == "body(llo) | end");
  }
}

TEST_CASE("What state a session is in shows") {
  ServerHarness harness(Answer::kByHand);
  H1Server& session = harness.session();
  CHECK(session.is_idle());
  CHECK_FALSE(session.is_reading_head());
  harness.feed("GET / HT");
  CHECK_FALSE(session.is_idle());
  CHECK(session.is_reading_head());
  harness.feed("TP/1.1\r\nHost: h\r\n\r\n");
  CHECK_FALSE(session.is_idle());
  CHECK_FALSE(session.is_reading_head());
  harness.answer(200, "");
  CHECK(session.is_idle());
}

TEST_CASE("An idle session holds no buffer") {
  ServerHarness harness(Answer::kAtEnd);
  for (const std::size_t piece : kPieces)
    harness.feed(kChunked + "1\r\na\r\n0\r\nA: b\r\n\r\n" + kGet, piece);
  harness.take_output();
  harness.begin_request();  // clears the head, as an exchange that is over does
  CHECK(harness.pool().in_use() == 0);
  CHECK(sizeof(H1Server) <= 256);
}

struct ResponseCase {
  const char* name;
  std::string request;
  int status;
  Framing framing;
  std::string body;
  std::string output;
  bool done;
};

TEST_CASE("The framing of a response follows from what is known and who reads it") {
  const std::string get10 = "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  const std::string head = "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string head10 = "HEAD /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  const ResponseCase cases[] = {
      {"chunked to 1.1",
       kGet,
       200,
       {BodyKind::kChunked, 0, false},
       "hello",
       "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
       false},
      {"unknown length to 1.1",
       kGet,
       200,
       {BodyKind::kUntilClose, 0, false},
       "hello",
       "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
       false},
      {"chunked to 1.0",
       get10,
       200,
       {BodyKind::kChunked, 0, false},
       "hello",
       "HTTP/1.1 200 X\r\nConnection: close\r\n\r\nhello",
       true},
      {"unknown length to 1.0",
       get10,
       200,
       {BodyKind::kUntilClose, 0, false},
       "hello",
       "HTTP/1.1 200 X\r\nConnection: close\r\n\r\nhello",
       true},
      {"length to 1.0",
       get10,
       200,
       {BodyKind::kLength, 5, false},
       "hello",
       "HTTP/1.1 200 X\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
       false},
      {"HEAD keeps the length",
       head,
       200,
       {BodyKind::kNone, 1234, true},
       "",
       "HTTP/1.1 200 X\r\nContent-Length: 1234\r\n\r\n",
       false},
      {"HEAD never sends a body",
       head,
       200,
       {BodyKind::kLength, 5, false},
       "hello",
       "HTTP/1.1 200 X\r\nContent-Length: 5\r\n\r\n",
       false},
      {"HEAD, chunked", head, 200, {BodyKind::kChunked, 0, false}, "hello", "HTTP/1.1 200 X\r\n\r\n", false},
      {"HEAD, 1.0, chunked",
       head10,
       200,
       {BodyKind::kUntilClose, 0, false},
       "",
       "HTTP/1.1 200 X\r\nConnection: keep-alive\r\n\r\n",
       false},
      {"304 keeps the length",
       kGet,
       304,
       {BodyKind::kNone, 9, true},
       "",
       "HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n",
       false},
      {"204", kGet, 204, {}, "", "HTTP/1.1 204 X\r\n\r\n", false},
  };
  for (const ResponseCase& c : cases) {
    INFO(c.name);
    ServerHarness harness(Answer::kByHand);
    harness.feed(c.request);
    harness.take_log();
    harness.writer().send_head(harness.response(c.status, c.framing));
    harness.writer().send_body(c.body);
    harness.writer().send_end({});
    CHECK(harness.take_output() == c.output);
    CHECK(harness.take_log() == (c.done ? "complete | done" : "complete"));
  }
}

TEST_CASE("Trailers go to clients that get chunks") {
  ServerHarness harness(Answer::kByHand);
  harness.feed(kGet);
  harness.writer().send_head(harness.response(200, {BodyKind::kChunked, 0, false}));
  const Field trailers[] = {{FieldName::kOther, false, "A", "b"}};
  harness.writer().send_end(trailers);
  CHECK(harness.take_output() == "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n");
}

TEST_CASE("Informational responses go to HTTP/1.1 clients, before the final one") {
  ServerHarness harness(Answer::kByHand);
  harness.feed(kGet);
  harness.writer().send_informational(harness.response(100, {}));
  harness.writer().send_informational(harness.response(103, {}));
  harness.writer().send_head(harness.response(200, {BodyKind::kLength, 0, false}));
  harness.writer().send_informational(harness.response(103, {}));  // too late
  harness.writer().send_end({});
  CHECK(harness.take_output() == "HTTP/1.1 100 X\r\n\r\nHTTP/1.1 103 X\r\n\r\n" + ok(""));

  ServerHarness old(Answer::kByHand);
  old.feed("GET /a HTTP/1.0\r\n\r\n");
  old.writer().send_informational(old.response(100, {}));
  CHECK(old.take_output().empty());
}

TEST_CASE("Draining says close with the response under way and begins no other request") {
  ServerHarness harness(Answer::kByHand);
  harness.feed(kGet + kGetB);
  harness.session().close_when_idle();
  CHECK(harness.take_log() == "GET /a none | end");
  harness.answer(200, "1");
  CHECK(harness.take_log() == "complete | done");
  CHECK(harness.take_output() == ok("1", "close"));

  ServerHarness idle(Answer::kByHand);
  idle.session().close_when_idle();
  CHECK(idle.take_log() == "done");

  // One whose head has begun is served: its client cannot know whether it may repeat it.
  ServerHarness reading(Answer::kAtEnd);
  reading.feed(kGet.substr(0, 5));
  reading.session().close_when_idle();
  CHECK(reading.take_log().empty());
  reading.feed(kGet.substr(5));
  CHECK(reading.take_log() == kGetDone + " | done");
  CHECK(reading.take_output() == ok("/a", "close"));
}

TEST_CASE("The exchange may have the connection closed after its response") {
  ServerHarness harness(Answer::kByHand);
  harness.feed(kGet);
  harness.writer().close_after_response();
  harness.answer(200, "1");
  CHECK(harness.take_log() == "GET /a none | end | complete | done");
  CHECK(harness.take_output() == ok("1", "close"));
}

TEST_CASE("A drained sink is told to the exchange, and to nobody between two") {
  ServerHarness harness(Answer::kByHand);
  harness.session().on_drained();
  CHECK(harness.take_log().empty());
  harness.feed(kGet);
  harness.take_log();
  harness.writer().send_head(harness.response(200, {BodyKind::kLength, 100000, false}));
  CHECK_FALSE(harness.writer().is_backed_up());
  harness.writer().send_body(std::string(100000, 'x'));
  CHECK(harness.writer().is_backed_up());
  harness.take_output();
  CHECK_FALSE(harness.writer().is_backed_up());
  harness.session().on_drained();
  CHECK(harness.take_log() == "drained");
  harness.writer().send_end({});
  harness.session().on_drained();
  CHECK(harness.take_log() == "complete");
}

}  // namespace
}  // namespace reseal::http::test
