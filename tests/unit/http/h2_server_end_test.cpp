// How an HTTP/2 connection of a client ends, and what opens a tunnel in it.
#include <catch2/catch.hpp>

#include "lb/http/h2_server.h"
#include "tests/unit/http/h2_server_harness.h"

namespace reseal::http::test {
namespace {

using Answer = H2ServerHarness::Answer;
using h2::data;
using h2::get;
using h2::headers;
using h2::kEndStream;
using h2::post;

std::string hello() {
  return H2ServerHarness::hello();
}

TEST_CASE("Draining announces the end first, and refuses nothing that is on its way") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, get("/")));
  harness.take_output();
  harness.session().close_when_idle();
  CHECK(harness.take_frames() == "PING shutdown | GOAWAY 2147483647 0");
  // Sent before the client could know.
  harness.feed(headers(3, get("/")));
  CHECK(harness.exchanges() == 2);
  harness.feed(h2::ping("shutdown", h2::kAck));
  CHECK(harness.take_frames() == "GOAWAY 3 0");
  harness.feed(headers(5, get("/")));
  CHECK(harness.exchanges() == 2);
  harness.take_log();
  harness.exchange(1).answer(200, "1");
  harness.end_turn();
  CHECK(harness.take_log().empty());
  harness.exchange(2).answer(200, "2");
  CHECK(harness.take_frames().ends_with("DATA 3 end 2"));
  CHECK(harness.take_log() == "done");
}

TEST_CASE("An idle connection that drains ends after a round trip, or at once when asked again") {
  H2ServerHarness answered(Answer::kByHand);
  answered.feed(hello());
  answered.take_output();
  answered.session().close_when_idle();
  answered.end_turn();
  CHECK(answered.take_log().empty());
  answered.feed(h2::ping("shutdown", h2::kAck));
  answered.end_turn();
  CHECK(answered.take_log() == "done");

  H2ServerHarness silent(Answer::kByHand);
  silent.feed(hello());
  silent.take_output();
  silent.session().close_when_idle();
  silent.end_turn();
  silent.session().close_when_idle();
  silent.end_turn();
  CHECK(silent.take_log() == "done");
  CHECK(silent.take_frames().ends_with("GOAWAY 0 0"));
}

TEST_CASE("A connection that is lost tells every exchange, once, and nobody else") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, get("/")) + headers(3, post("/"), 0));
  harness.take_log();
  harness.session().on_connection_lost({Code::kClientGone, Origin::kClient, "reset", 0, 0, 0});
  CHECK(harness.take_log() == "1: gone client_gone | 2: gone client_gone");
  harness.session().on_connection_lost({Code::kClientGone, Origin::kClient, "reset", 0, 0, 0});
  harness.feed(headers(5, get("/")));
  harness.session().on_drained();
  harness.session().on_input_end();
  harness.session().close_when_idle();
  harness.session().write_output();
  CHECK(harness.take_log().empty());
}

TEST_CASE("A client that ends its side gets what it has asked for in full") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, get("/")) + headers(3, post("/"), 0) + data(3, "ha"));
  harness.take_log();
  harness.session().on_input_end();
  CHECK(harness.take_log() == "2: failed bad_request");
  harness.exchange(2).answer(400, "");
  harness.exchange(1).answer(200, "1");
  harness.end_turn();
  const std::string frames = harness.take_frames();
  CHECK(frames.find("DATA 1 end 1") != std::string::npos);
  CHECK(harness.take_log() == "done");

  H2ServerHarness idle(Answer::kByHand);
  idle.feed(hello());
  idle.take_output();
  idle.session().on_input_end();
  CHECK(idle.take_log() == "done");
}

TEST_CASE("A refusal ends the connection at once") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, get("/")));
  harness.take_output();
  harness.take_log();
  harness.session().refuse({Code::kClientTimeout, Origin::kClient, "late", 0, 0, 0});
  CHECK(harness.take_log() == "1: gone client_timeout | done");
  CHECK(harness.take_frames() == "GOAWAY 1 0");
}

const h2::Fields kWebSocket = {{":method", "CONNECT"}, {":protocol", "websocket"},
                               {":scheme", "https"},   {":authority", "h"},
                               {":path", "/chat"},     {"sec-websocket-version", "13"}};

void open_tunnel(H2ServerHarness& harness) {
  harness.feed(hello() + headers(1, kWebSocket, 0));
  auto& exchange = harness.exchange(1);
  ResponseHead& head = exchange.response(101, {BodyKind::kTunnel, 0, false});
  head.upgrade = "websocket";
  head.add(FieldName::kOther, "Sec-WebSocket-Accept", "x");
  head.add(FieldName::kOther, "Sec-WebSocket-Protocol", "chat");
  exchange.writer->send_head(head);
  exchange.writer->resume_request_body();
}

TEST_CASE("A WebSocket over HTTP/2 asks like one over HTTP/1.1, and is opened by 200") {
  H2ServerHarness harness(Answer::kByHand);
  open_tunnel(harness);
  CHECK(harness.exchange(1).head.upgrade == "websocket");
  CHECK(harness.take_frames() == "HEADERS 1 :status=200;sec-websocket-protocol=chat;");
  harness.take_log();
  harness.feed(data(1, "up"));
  CHECK(harness.take_log() == "1: body(up)");
  harness.exchange(1).writer->send_body("down");
  CHECK(harness.take_frames() == "DATA 1 down");
}

TEST_CASE("The two halves of a tunnel end on their own") {
  H2ServerHarness server_first(Answer::kByHand);
  open_tunnel(server_first);
  server_first.exchange(1).writer->send_end({});
  CHECK(server_first.take_frames().ends_with("DATA 1 end"));
  server_first.take_log();
  server_first.feed(data(1, "more"));
  server_first.feed(data(1, "", kEndStream));
  CHECK(server_first.take_log() == "1: body(more) | 1: end");
  CHECK(server_first.session().is_idle());

  H2ServerHarness client_first(Answer::kByHand);
  open_tunnel(client_first);
  client_first.take_log();
  client_first.feed(data(1, "bye", kEndStream));
  CHECK(client_first.take_log() == "1: body(bye) | 1: end");
  client_first.exchange(1).writer->send_body("bye");
  client_first.exchange(1).writer->send_end({});
  CHECK(client_first.take_frames().ends_with("DATA 1 end bye"));
  CHECK(client_first.session().is_idle());

  // All that a tunnel has brought is delivered, though both ends have ended meanwhile.
  H2ServerHarness held_back(Answer::kByHand);
  open_tunnel(held_back);
  held_back.exchange(1).writer->pause_request_body();
  held_back.exchange(1).writer->send_end({});
  held_back.feed(data(1, "late", kEndStream));
  held_back.take_output();
  held_back.take_log();
  held_back.exchange(1).writer->resume_request_body();
  CHECK(held_back.take_log() == "1: body(late) | 1: end");
  held_back.end_turn();
  CHECK(held_back.session().is_idle());
}

TEST_CASE("Nothing of a tunnel is told before it is open, its end neither") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, kWebSocket, kEndStream));
  CHECK(harness.take_log() == "1: GET /chat tunnel");
  auto& exchange = harness.exchange(1);
  exchange.writer->send_head(exchange.response(101, {BodyKind::kTunnel, 0, false}));
  exchange.writer->resume_request_body();
  CHECK(harness.take_log() == "1: end");
}

TEST_CASE("A tunnel that the client resets is gone") {
  H2ServerHarness harness(Answer::kByHand);
  open_tunnel(harness);
  harness.take_log();
  harness.feed(h2::rst_stream(1, 8));
  CHECK(harness.take_log() == "1: gone client_gone");
}

TEST_CASE("A tunnel that is refused was an ordinary request, and what was sent for it goes nowhere") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, kWebSocket, 0) + data(1, "GET /evil HTTP/1.1\r\n\r\n"));
  harness.take_log();
  harness.exchange(1).answer(403, "no");
  harness.feed(data(1, "more"));
  CHECK(harness.take_log().empty());
  CHECK(harness.take_frames() == "HEADERS 1 :status=403;content-length=2; | DATA 1 end no | RST_STREAM 1 0");
  CHECK(harness.session().is_idle());
}

}  // namespace
}  // namespace reseal::http::test
