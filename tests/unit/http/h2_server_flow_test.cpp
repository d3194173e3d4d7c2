// Windows and back-pressure of an HTTP/2 client.
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

TEST_CASE("The stream's window opens only as the exchange takes bytes; other streams go on") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + h2::settings_ack() + headers(1, post("/"), 0) + headers(3, post("/"), 0));
  harness.take_frames();
  const std::string half(16 * 1024, 'x');
  harness.feed(data(1, half) + data(1, half) + data(1, half) + data(1, half));
  CHECK(harness.take_frames().empty());  // 64 KiB are here, and held back
  harness.exchange(2).writer->resume_request_body();
  harness.feed(data(3, half) + data(3, half));
  CHECK(harness.take_frames() == "WINDOW_UPDATE 3 32768");
  harness.exchange(1).writer->resume_request_body();
  CHECK(harness.take_frames() == "WINDOW_UPDATE 1 32768 | WINDOW_UPDATE 1 32768");
  // A client that sends more than the window is reset, not stored.
  harness.exchange(1).writer->pause_request_body();
  for (int i = 0; i < 5; ++i) harness.feed(data(1, half));
  CHECK(harness.take_frames().find("RST_STREAM 1 3") != std::string::npos);
}

TEST_CASE("Bytes wait for the client's windows, the exchange is told when they have gone") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, get("/")));
  auto& exchange = harness.exchange(1);
  exchange.writer->send_head(exchange.response(200, {BodyKind::kChunked, 0, false}));
  const std::string piece(32 * 1024, 'x');
  std::size_t sent = 0;
  while (!exchange.writer->is_backed_up()) {
    exchange.writer->send_body(piece);
    sent += piece.size();
    harness.take_output();
    REQUIRE(sent < 1024 * 1024);
  }
  CHECK(sent <= 65535 + ByteSink::kHighWater + piece.size());
  CHECK(harness.session().has_stalled_output());
  harness.take_log();
  harness.feed(h2::window_update(0, 1 << 20) + h2::window_update(1, 1 << 20));
  harness.end_turn();
  // The connection takes it as fast as it can; then there is room.
  while (harness.session().has_stalled_output() || !harness.take_output().empty())
    harness.session().on_drained();
  CHECK(harness.take_log() == "1: drained");
  CHECK_FALSE(exchange.writer->is_backed_up());
  exchange.writer->send_end({});
  CHECK(harness.take_frames().ends_with("DATA 1 end"));
}

TEST_CASE("Output stops while the sink is backed up, and goes on when it has drained") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(H2ServerHarness::hello() + h2::window_update(0, 1 << 24) + headers(1, get("/")));
  harness.feed(h2::window_update(1, 1 << 24));
  harness.take_output();
  auto& exchange = harness.exchange(1);
  exchange.writer->send_head(exchange.response(200, {BodyKind::kChunked, 0, false}));
  for (int i = 0; i < 5; ++i) exchange.writer->send_body(std::string(32 * 1024, 'x'));
  CHECK(exchange.writer->is_backed_up());
  const std::size_t first = harness.take_output().size();
  CHECK(first <= ByteSink::kHighWater + 17 * 1024);
  std::size_t all = first;
  for (int i = 0; i < 10; ++i) {
    harness.session().on_drained();
    all += harness.take_output().size();
  }
  CHECK(all > 5 * 32 * 1024);
  CHECK(harness.take_log().ends_with("1: drained"));
}

TEST_CASE("Streams take turns, whoever came first") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + h2::settings({{4, 1 << 24}}) + h2::window_update(0, 1 << 24) + headers(1, get("/")) +
               headers(3, get("/")));
  harness.take_output();
  // Both have more to say than the sink takes at a time.
  for (std::size_t number : {1, 2}) {
    auto& exchange = harness.exchange(number);
    exchange.writer->send_head(exchange.response(200, {BodyKind::kChunked, 0, false}));
  }
  harness.exchange(1).writer->send_body(std::string(200 * 1024, 'a'));
  harness.exchange(2).writer->send_body(std::string(200 * 1024, 'b'));
  std::string order;
  for (int i = 0; i < 4; ++i) {
    for (const std::string& frame : harness.frames_of(harness.take_output())) {
      if (frame.starts_with("DATA")) order.push_back(frame[5]);
    }
    harness.session().on_drained();
  }
  CHECK(order.find("3") < 8);
  CHECK(order.find("31") != std::string::npos);
}

TEST_CASE("Upload and download at once, in small pieces, arrive whole") {
  for (const std::size_t piece : kPieces) {
    H2ServerHarness harness(Answer::kByHand);
    harness.feed(hello() + headers(1, post("/"), 0), piece);
    auto& exchange = harness.exchange(1);
    exchange.writer->send_head(exchange.response(200, {BodyKind::kChunked, 0, false}));
    exchange.writer->resume_request_body();
    harness.feed(data(1, "up1"), piece);
    exchange.writer->send_body("down1");
    harness.feed(data(1, "up2", kEndStream), piece);
    exchange.writer->send_body("down2");
    exchange.writer->send_end({});
    CHECK(harness.take_log() == "1: POST / chunked | 1: body(up1up2) | 1: end");
    CHECK(harness.take_frames() == "HEADERS 1 :status=200; | DATA 1 end down1down2");
    CHECK(harness.session().is_idle());
  }
}

}  // namespace
}  // namespace reseal::http::test
