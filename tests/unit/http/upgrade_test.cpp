#include "lb/http/upgrade.h"

#include <catch2/catch.hpp>

#include "lb/http/h1_writer.h"
#include "tests/unit/http/http_test_support.h"
#include "tests/unit/http/server_harness.h"

namespace reseal::http::test {
namespace {

using Answer = ServerHarness::Answer;

std::string upgrade_request(std::string_view fields) {
  return "GET /chat HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n";
}

TEST_CASE("A request asks for a tunnel when Upgrade names one protocol and Connection names Upgrade") {
  struct Case {
    const char* name;
    std::string fields;
    const char* upgrade;
  };
  const Case cases[] = {
      {"websocket", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "websocket"},
      {"any case, any place", "Upgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n", "WebSocket"},
      {"with a version", "Connection: upgrade\r\nUpgrade: irc/2.0\r\n", "irc/2.0"},
      {"two Connection fields", "Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: foo\r\n", "foo"},
      {"not named in Connection", "Upgrade: websocket\r\n", ""},
      {"no Upgrade", "Connection: Upgrade\r\n", ""},
      {"several protocols", "Connection: Upgrade\r\nUpgrade: websocket, foo\r\n", ""},
      {"two Upgrade fields", "Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: foo\r\n", ""},
      {"no token", "Connection: Upgrade\r\nUpgrade: web socket\r\n", ""},
      {"empty version", "Connection: Upgrade\r\nUpgrade: websocket/\r\n", ""},
      {"HTTP/2 in disguise", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n", ""},
      {"HTTP", "Connection: Upgrade\r\nUpgrade: HTTP/2.0\r\n", ""},
      {"TLS", "Connection: Upgrade\r\nUpgrade: TLS/1.2\r\n", ""},
      {"with a body", "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n", ""},
      {"with an empty body", "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n", ""},
      {"with chunks", "Connection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n", ""},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    const ParsedRequest request(upgrade_request(c.fields));
    REQUIRE(request.result);
    CHECK(request.head.upgrade == c.upgrade);
    CHECK((request.head.framing.kind == BodyKind::kTunnel) == (*c.upgrade != '\0'));
  }
  const ParsedRequest old("GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  CHECK(old.head.framing.kind == BodyKind::kNone);
}

TEST_CASE("CONNECT is a tunnel where it is allowed, and its target must be one authority") {
  struct Case {
    const char* request;
    Code code;
  };
  const Case cases[] = {
      {"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", Code::kOk},
      {"CONNECT A.example:443 HTTP/1.1\r\nHost: a.EXAMPLE:443\r\n\r\n", Code::kOk},
      {"CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n", Code::kOk},
      {"CONNECT a.example:443 HTTP/1.1\r\nHost: b.example:443\r\n\r\n", Code::kAmbiguousRequest},
      {"CONNECT a.example HTTP/1.1\r\nHost: a.example\r\n\r\n", Code::kBadRequest},
      {"CONNECT [::1] HTTP/1.1\r\nHost: [::1]\r\n\r\n", Code::kBadRequest},
      {"CONNECT /x HTTP/1.1\r\nHost: a.example\r\n\r\n", Code::kBadRequest},
      {"CONNECT u@a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", Code::kBadRequest},
      {"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nContent-Length: 1\r\n\r\n",
       Code::kAmbiguousRequest},
  };
  for (const Case& c : cases) {
    INFO(c.request);
    const ParsedRequest allowed(c.request, {.allow_connect = true});
    CHECK((allowed.result ? Code::kOk : allowed.result.error().code) == c.code);
    if (allowed.result) CHECK(allowed.head.framing.kind == BodyKind::kTunnel);
    const ParsedRequest refused(c.request);
    REQUIRE_FALSE(refused.result);
  }
  const ParsedRequest refused(cases[0].request);
  CHECK(refused.result.error().code == Code::kMethodRefused);
}

TEST_CASE("Connection and Upgrade are stated anew, from what was understood") {
  const ParsedRequest request(upgrade_request("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  BufferPool pool;
  ByteQueue out(pool);
  RequestHead head(pool);
  REQUIRE(parse_request_head(
      head.arena.copy(upgrade_request("A: b\r\nConnection: Upgrade\r\nUpgrade: x\r\n")), {}, head));
  for (Field& field : head.fields)
    field.drop = field.id == FieldName::kConnection || field.id == FieldName::kUpgrade;
  write_request_head(head, out);
  CHECK(out.front() == "GET /chat HTTP/1.1\r\nHost: h\r\nA: b\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
}

// ---- the client side

const std::string kUpgrade = upgrade_request("Connection: Upgrade\r\nUpgrade: websocket\r\n");
const std::string kSwitched = "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

ResponseHead& switched(ServerHarness& harness) {
  ResponseHead& head = harness.response(101, {BodyKind::kTunnel, 0, false});
  head.upgrade = "websocket";
  return head;
}

TEST_CASE("What follows an upgrade request is held back until the response opens the tunnel") {
  for (const std::size_t piece : kPieces) {
    ServerHarness harness(Answer::kByHand);
    harness.feed(kUpgrade + "early", piece);
    CHECK(harness.take_log() == "GET /chat tunnel");
    harness.writer().send_head(switched(harness));
    CHECK(harness.take_log().empty());
    harness.writer().resume_request_body();
    harness.feed("late", piece);
    CHECK(harness.take_log() == "body(earlylate)");
    harness.writer().send_body("down");
    CHECK(harness.take_output() == kSwitched + "down");
  }
}

TEST_CASE("What follows an upgrade request that is not granted is the next request") {
  for (const std::size_t piece : kPieces) {
    ServerHarness harness(Answer::kByHand);
    harness.feed(kUpgrade + "GET /next HTTP/1.1\r\nHost: h\r\n\r\n", piece);
    CHECK(harness.take_log() == "GET /chat tunnel");
    harness.answer(200, "no");
    CHECK(harness.take_log() == "complete | GET /next none | end");
    CHECK(harness.take_output() == ServerHarness::answered(200, "no"));
  }
}

TEST_CASE("Each side of a tunnel ends by itself, and the session with the second") {
  ServerHarness client_first(Answer::kByHand);
  client_first.feed(kUpgrade);
  client_first.writer().send_head(switched(client_first));
  client_first.writer().resume_request_body();
  client_first.feed("last words");
  client_first.session().on_input_end();
  CHECK(client_first.take_log() == "GET /chat tunnel | body(last words) | end");
  client_first.writer().send_body("still here");
  client_first.writer().send_end({});
  CHECK(client_first.take_log() == "complete | done");

  ServerHarness server_first(Answer::kByHand);
  server_first.feed(kUpgrade);
  server_first.writer().send_head(switched(server_first));
  server_first.writer().resume_request_body();
  server_first.writer().send_end({});
  server_first.feed("still here");
  CHECK(server_first.take_log() == "GET /chat tunnel | output end | body(still here)");
  server_first.session().on_input_end();
  CHECK(server_first.take_log() == "end | complete | done");
}

TEST_CASE("A tunnel that is held up is read no further") {
  ServerHarness harness(Answer::kByHand);
  harness.feed(kUpgrade);
  CHECK_FALSE(harness.session().wants_pause());  // a client that leaves is to be noticed
  harness.writer().send_head(switched(harness));
  harness.writer().resume_request_body();
  harness.writer().pause_request_body();
  harness.feed("kept");
  CHECK(harness.session().wants_pause());
  CHECK(harness.take_log() == "GET /chat tunnel");
  harness.writer().resume_request_body();
  CHECK(harness.take_log() == "body(kept)");
  CHECK_FALSE(harness.session().wants_pause());
}

TEST_CASE("A tunnel cut short on either side ends the connection") {
  ServerHarness aborted(Answer::kByHand);
  aborted.feed(kUpgrade);
  aborted.writer().send_head(switched(aborted));
  aborted.writer().abort();
  CHECK(aborted.take_log() == "GET /chat tunnel | aborted");

  ServerHarness lost(Answer::kByHand);
  lost.feed(kUpgrade);
  lost.writer().send_head(switched(lost));
  lost.writer().send_end({});
  lost.session().on_connection_lost({Code::kClientGone, Origin::kClient, "", 0, 0, 0});
  CHECK(lost.take_log() == "GET /chat tunnel | output end | gone client_gone");
}

}  // namespace
}  // namespace reseal::http::test
