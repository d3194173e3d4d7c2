// H1Server with clients that break the rules or go away, and exchanges that fail.
#include <catch2/catch.hpp>

#include "tests/unit/http/server_harness.h"

namespace reseal::http::test {
namespace {

using namespace std::string_literals;
using Answer = ServerHarness::Answer;

const std::string kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kPost = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
const std::string kChunked = "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string kNo = ServerHarness::answered(400, "no", "close");

TEST_CASE("A head that cannot be used is answered once and ends the session, whatever follows") {
  const std::pair<std::string, const char*> cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", "bad_request"},
      {"GET / HTTP/1.1\nHost: h\n\n", "bad_request"},
      {"GET / HTTP/1.1\r\nHost: h\r\n Folded: x\r\n\r\n", "bad_request"},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "bad_request"},
      {"\x16\x03\x01\x02\x00\x01"s, "bad_request"},
      {"{\"json\": true}", "bad_request"},
      {std::string(40, 'A'), "bad_request"},
      {"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       "ambiguous_request"},
      {"GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "coding_refused"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "version_refused"},
      {"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", "method_refused"},
      {"GET /" + std::string(200, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", "head_too_large"},
      {"GET /" + std::string(70, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n", "target_too_long"},
      {"GET /" + std::string(1000, 'x'), "head_too_large"},
  };
  constexpr HeadLimits kLimits{.head_bytes = 160, .target_bytes = 64, .fields = 10};
  for (const auto& [input, code] : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(input << " in pieces of " << piece);
      ServerHarness harness(Answer::kAtEnd, kLimits);
      harness.feed(input + kGet, piece);
      CHECK(harness.take_log() == "bad "s + code + " | complete | done");
      CHECK(harness.take_output() == kNo);
      harness.session().on_input_end();
      harness.session().on_connection_lost({});
      CHECK(harness.take_log().empty());
    }
  }
}

TEST_CASE("A good request before a bad one is answered first") {
  for (const std::size_t piece : kPieces) {
    ServerHarness harness(Answer::kAtEnd);
    harness.feed(kGet + "GET / HTTP/9.9\r\n\r\n" + kGet, piece);
    CHECK(harness.take_log() == "GET /a none | end | complete | bad version_refused | complete | done");
    CHECK(harness.take_output() == ServerHarness::answered(200, "/a") + kNo);
  }
}

TEST_CASE("A malformed body is told to the exchange, whose answer is the last") {
  for (const std::size_t piece : kPieces) {
    ServerHarness harness(Answer::kAtEnd);
    harness.feed(kChunked + "3\r\nabc\r\nx\r\n" + kGet, piece);
    CHECK(harness.take_log() == "POST /c chunked | body(abc) | failed bad_request | complete | done");
    CHECK(harness.take_output() == kNo);
  }
}

TEST_CASE("A malformed body after the response has begun cuts it short") {
  ServerHarness harness(Answer::kByHand);
  harness.feed(kChunked);
  harness.writer().resume_request_body();
  harness.writer().send_head(harness.response(200, {BodyKind::kChunked, 0, false}));
  harness.feed("x");
  harness.writer().abort();
  CHECK(harness.take_log() == "POST /c chunked | failed bad_request | aborted");
  CHECK(harness.take_output() == "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
}

TEST_CASE(
    "A response that overtakes its request closes the connection: the rest is never taken for a request") {
  for (const std::size_t piece : kPieces) {
    for (const std::string& sent : {""s, "GET /"s}) {
      ServerHarness harness(Answer::kByHand);
      harness.feed(kPost + sent.substr(0, 4), piece);
      harness.answer(413, "big");
      CHECK(harness.take_log() == "POST /p length 5 | complete | done");
      CHECK(harness.take_output() == ServerHarness::answered(413, "big", "close"));
      harness.feed(kGet, piece);
      CHECK(harness.take_log().empty());
    }
  }
  ServerHarness at_once(Answer::kAtOnce);
  at_once.feed(kPost + kGet);
  CHECK(at_once.take_log() == "POST /p length 5 | complete | done");
  CHECK(at_once.take_output() == ServerHarness::answered(200, "/p", "close"));
}

TEST_CASE("A response may begin before its request is complete, and still be whole") {
  ServerHarness harness(Answer::kByHand);
  harness.feed(kPost + "he");
  harness.writer().resume_request_body();
  harness.writer().send_head(harness.response(200, {BodyKind::kLength, 2, false}));
  harness.feed("llo");
  harness.writer().send_body("ok");
  harness.writer().send_end({});
  CHECK(harness.take_log() == "POST /p length 5 | body(hello) | end | complete | done");
  CHECK(harness.take_output() == ServerHarness::answered(200, "ok", "close"));
}

TEST_CASE("A response with more or fewer bytes than it said is cut short, never padded or spilled") {
  ServerHarness more(Answer::kByHand);
  more.feed(kGet);
  more.writer().send_head(more.response(200, {BodyKind::kLength, 3, false}));
  more.writer().send_body("12");
  more.writer().send_body("34");
  CHECK(more.take_log() == "GET /a none | end | aborted");
  more.writer().send_body("5");
  more.writer().send_end({});
  CHECK(more.take_log().empty());
  CHECK(more.take_output() == "HTTP/1.1 200 X\r\nContent-Length: 3\r\n\r\n12");

  ServerHarness fewer(Answer::kByHand);
  fewer.feed(kGet + kGet);
  fewer.writer().send_head(fewer.response(200, {BodyKind::kLength, 3, false}));
  fewer.writer().send_body("12");
  fewer.writer().send_end({});
  CHECK(fewer.take_log() == "GET /a none | end | aborted");
}

TEST_CASE("A response without a head is none") {
  ServerHarness harness(Answer::kByHand);
  harness.feed(kGet);
  harness.writer().send_body("x");
  harness.writer().send_end({});
  CHECK(harness.take_log() == "GET /a none | end | aborted");
  CHECK(harness.take_output().empty());
}

TEST_CASE("A client that ends its side gets the answer to what it has sent") {
  ServerHarness idle(Answer::kByHand);
  idle.session().on_input_end();
  CHECK(idle.take_log() == "done");

  ServerHarness in_head(Answer::kByHand);
  in_head.feed("GET / HT");
  in_head.session().on_input_end();
  CHECK(in_head.take_log() == "done");
  CHECK(in_head.take_output().empty());

  ServerHarness waiting(Answer::kByHand);
  waiting.feed(kGet + kGet);
  waiting.session().on_input_end();
  CHECK(waiting.take_log() == "GET /a none | end");
  waiting.answer(200, "1");
  CHECK(waiting.take_log() == "complete | GET /a none | end");
  waiting.answer(200, "2");
  CHECK(waiting.take_log() == "complete | done");
  CHECK(waiting.take_output() == ServerHarness::answered(200, "1") + ServerHarness::answered(200, "2"));
}

TEST_CASE("A client that ends its side within a body has not made a request") {
  ServerHarness reading(Answer::kAtEnd);
  reading.feed(kPost + "he");
  reading.session().on_input_end();
  CHECK(reading.take_log() == "POST /p length 5 | body(he) | failed bad_request | complete | done");
  CHECK(reading.take_output() == kNo);

  // Told only when everything that did arrive has been delivered.
  ServerHarness paused(Answer::kByHand);
  paused.feed(kChunked + "2\r\nhe\r\n");
  paused.session().on_input_end();
  CHECK(paused.take_log() == "POST /c chunked");
  paused.writer().resume_request_body();
  CHECK(paused.take_log() == "body(he) | failed bad_request");
}

TEST_CASE("A lost connection is told to the exchange once, and nothing is written after it") {
  const Error lost{Code::kClientGone, Origin::kClient, "reset", 0, 0, 0};
  ServerHarness harness(Answer::kByHand);
  harness.feed(kPost + "he");
  harness.session().on_connection_lost(lost);
  CHECK(harness.take_log() == "POST /p length 5 | gone client_gone");
  harness.session().on_connection_lost(lost);
  harness.session().on_input_end();
  harness.session().on_drained();
  harness.session().close_when_idle();
  harness.feed("llo");
  CHECK(harness.take_log().empty());
  CHECK(harness.take_output().empty());

  ServerHarness idle(Answer::kByHand);
  idle.session().on_connection_lost(lost);
  CHECK(idle.take_log().empty());
}

TEST_CASE("A head that takes too long is answered in its place") {
  const Error late{Code::kClientTimeout, Origin::kClient, "slow", 0, 0, 0};
  ServerHarness harness(Answer::kByHand);
  harness.feed("GET / HT");
  harness.session().refuse(late);
  CHECK(harness.take_log() == "bad client_timeout | complete | done");
  CHECK(harness.take_output() == kNo);
  harness.feed("TP/1.1\r\nHost: h\r\n\r\n");
  CHECK(harness.take_log().empty());

  // Not while an answer is under way: that one stands.
  ServerHarness answering(Answer::kByHand);
  answering.feed(kGet);
  answering.session().refuse(late);
  CHECK(answering.take_log() == "GET /a none | end");
}

TEST_CASE("A head at the limit passes, one byte more does not, and no more than that is kept") {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(100, 'x') + "\r\n\r\n";
  for (const std::size_t piece : kPieces) {
    ServerHarness fits(Answer::kAtEnd, {.head_bytes = head.size(), .target_bytes = 10, .fields = 10});
    fits.feed(head, piece);
    CHECK(fits.take_log() == "GET / none | end | complete");
    ServerHarness over(Answer::kAtEnd, {.head_bytes = head.size() - 1, .target_bytes = 10, .fields = 10});
    over.feed(head, piece);
    CHECK(over.take_log() == "bad head_too_large | complete | done");
  }
}

}  // namespace
}  // namespace reseal::http::test
