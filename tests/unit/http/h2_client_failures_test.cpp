// How an HTTP/2 server can fail its requests, and what becomes of them; tunnels through it.
#include <catch2/catch.hpp>

#include "lb/http/h2_client.h"

#include "tests/unit/http/h2_client_harness.h"

namespace reseal::http::test {
namespace {

using h2::data;
using h2::headers;
using h2::kEndStream;

const std::string kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kServerHello = h2::settings({{3, 100}});
const std::string kWebSocket =
    "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
    "13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

std::string ok(std::uint32_t id, h2::Fields more = {}, int flags = 0) {
  h2::Fields fields = {{":status", "200"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return headers(id, fields, flags);
}

struct Case {
  const char* name;
  std::string request;
  std::string input;
  std::string log;
};

TEST_CASE("A response that breaks the rules fails its request only") {
  const Case cases[] = {
      {"malformed head", kGet, ok(1, {{"Server", "x"}}), "1: bad_response"},
      {"a body before its head's end", kGet, headers(1, {{":status", "100"}}, 0) + data(1, "x"),
       "1: 100 | 1: bad_response"},
      {"101", kGet, headers(1, {{":status", "101"}}, 0), "1: bad_response"},
      {"longer", kGet, ok(1, {{"content-length", "1"}}) + data(1, "x") + data(1, "y"),
       "1: 200 length 1 | 1: body(x) | 1: bad_response"},
      {"shorter", kGet, ok(1, {{"content-length", "3"}}) + data(1, "xy", kEndStream),
       "1: 200 length 3 | 1: body(xy) | 1: bad_response"},
      {"a body for HEAD", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", ok(1) + data(1, "x"),
       "1: 200 none | 1: bad_response"},
      {"two final heads", kGet, ok(1) + ok(1), "1: 200 chunked | 1: bad_response"},
      {"malformed trailers", kGet, ok(1) + headers(1, {{":status", "200"}}),
       "1: 200 chunked | 1: bad_response"},
      {"no final head", kGet, headers(1, {{":status", "100"}}, 0) + data(1, "", kEndStream),
       "1: 100 | 1: bad_response"},
      {"a head too large", kGet, ok(1, {{"a", std::string(30000, 'a')}, {"b", std::string(36000, 'b')}}),
       "1: bad_response"},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 30}) {
      if (piece == 1 && c.input.size() > 1000) continue;
      INFO(c.name << " in pieces of " << piece);
      H2ClientHarness harness;
      harness.begin(c.request);
      harness.begin();
      harness.take_frames();
      // Frames of no more than 16 KiB.
      std::string input = c.input;
      if (input.size() > 20000) {
        const std::string block = input.substr(9);
        input.clear();
        for (std::size_t at = 0; at < block.size(); at += 16000) {
          const bool last = at + 16000 >= block.size();
          input += h2::frame(at == 0 ? h2::kHeaders : h2::kContinuation, last ? h2::kEndHeaders : 0, 1,
                             std::string_view(block).substr(at, 16000));
        }
      }
      harness.feed(kServerHello + input, piece);
      CHECK(harness.take_log() == c.log);
      CHECK(harness.take_frames() == "RST_STREAM 1 1");
      CHECK(harness.exchange(1).close());
      harness.feed(ok(3, {}, kEndStream), piece);
      CHECK(harness.take_log() == "2: 200 length 0 | 2: end");
    }
  }
}

TEST_CASE("Too many informational responses fail the request") {
  H2ClientHarness harness;
  harness.begin();
  harness.take_frames();
  harness.feed(kServerHello);
  for (int i = 0; i < 17; ++i) harness.feed(headers(1, {{":status", "103"}}, 0));
  CHECK(harness.take_log().ends_with("1: 103 | 1: bad_response"));
}

TEST_CASE("A response that is all here is delivered though its stream is closed or the server gone") {
  H2ClientHarness harness;
  harness.begin().pause_at_body = true;
  harness.take_frames();
  harness.feed(kServerHello + ok(1) + data(1, "a") + data(1, "b", kEndStream));
  harness.session().on_connection_lost({Code::kIo, Origin::kServer, "reset", 0, 0, 0});
  CHECK(harness.take_log() == "1: 200 chunked | 1: body(a)");
  harness.exchange(1).writer->resume_response();
  harness.exchange(1).writer->resume_response();
  CHECK(harness.take_log() == "1: body(b) | 1: end");
}

TEST_CASE("What the server makes of a stream decides what the request is worth") {
  const struct {
    const char* name;
    std::string input;
    std::string log;
  } cases[] = {
      {"refused", h2::rst_stream(1, 7), "1: server_refused"},
      {"reset before anything", h2::rst_stream(1, 2), "1: server_reset"},
      {"reset after 100", headers(1, {{":status", "100"}}, 0) + h2::rst_stream(1, 2),
       "1: 100 | 1: server_truncated"},
      {"reset within a body", ok(1) + data(1, "x") + h2::rst_stream(1, 0),
       "1: 200 chunked | 1: body(x) | 1: server_truncated"},
      {"GOAWAY that leaves it out", h2::goaway(0, 0), "1: server_refused"},
      {"GOAWAY that has it", h2::goaway(1, 0) + ok(1, {}, kEndStream), "1: 200 length 0 | 1: end"},
      {"GOAWAY to come", h2::goaway(0x7fffffff, 0) + ok(1, {}, kEndStream), "1: 200 length 0 | 1: end"},
  };
  for (const auto& c : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(c.name << " in pieces of " << piece);
      H2ClientHarness harness;
      harness.begin();
      harness.take_frames();
      harness.feed(kServerHello + c.input, piece);
      CHECK(harness.take_log() == c.log);
      const bool goaway = std::string_view(c.name).starts_with("GOAWAY");
      CHECK(harness.exchange(1).close() == !goaway);
      CHECK((harness.session().free_requests() == 0) == goaway);
      if (goaway) CHECK(harness.capacity_changes > 0);
    }
  }
}

TEST_CASE("How a connection ended tells what its responses are worth") {
  const auto begin = [](H2ClientHarness& harness) {
    harness.begin();
    harness.begin();
    harness.take_frames();
    harness.feed(kServerHello + ok(3) + data(3, "x"));
    harness.take_log();
  };
  H2ClientHarness ended;
  begin(ended);
  ended.session().on_input_end();
  CHECK(ended.take_log() == "1: server_closed | 2: server_truncated");
  CHECK(ended.session().free_requests() == 0);
  CHECK_FALSE(ended.exchange(1).close());
  H2ClientHarness lost;
  begin(lost);
  lost.session().on_connection_lost({Code::kIo, Origin::kLocal, "reset", 0, 0, 0});
  CHECK(lost.take_log() == "1: server_reset | 2: server_truncated");
  lost.session().on_connection_lost({Code::kIo, Origin::kLocal, "again", 0, 0, 0});
  lost.feed(ok(1));
  CHECK(lost.take_log().empty());
  H2ClientHarness told;
  begin(told);
  told.session().on_connection_lost({Code::kServerRequiresCertificate, Origin::kServer, "alert", 0, 0, 0});
  CHECK(told.take_log() == "1: server_requires_certificate | 2: server_requires_certificate");
}

TEST_CASE("A server at fault ends the connection, and every request on it") {
  const struct {
    const char* name;
    std::string input;
    std::uint32_t error;
  } cases[] = {
      {"no SETTINGS first", ok(1), 1},
      {"HTTP/1", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 1},
      {"a push",
       kServerHello + h2::settings_ack() +
           h2::frame(h2::kPushPromise, h2::kEndHeaders, 1, h2::number(2, 4) + h2::block(h2::get())),
       1},
      {"DATA before a head", kServerHello + data(1, "x"), 1},
      {"a stream nobody opened", kServerHello + ok(7), 1},
      {"a bad block", kServerHello + h2::frame(h2::kHeaders, h2::kEndHeaders, 1, "\xff\xff\xff\xff\xff\xff"),
       9},
      {"push enabled", h2::settings({{2, 1}}), 1},
      {"a HPACK bomb",
       kServerHello + h2::frame(h2::kHeaders, h2::kEndHeaders, 1,
                                std::string("\x40\x01", 2) + "b" + h2::hpack_length(3000) +
                                    std::string(3000, 'b') + std::string(10000, '\xbe')),
       11},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    H2ClientHarness harness;
    harness.begin();
    harness.begin();
    harness.take_frames();
    harness.feed(c.input);
    const std::string frames = harness.take_frames();
    CHECK(frames.ends_with("GOAWAY 0 " + std::to_string(c.error)));
    CHECK(harness.take_log() == "1: bad_response | 2: bad_response");
    CHECK(harness.session().free_requests() == 0);
    CHECK_FALSE(harness.exchange(1).close());
  }
}

TEST_CASE("Floods from a server are bounded as those from a client are") {
  for (const std::string& frame : {h2::ping(), h2::settings(), data(1, ""), h2::window_update(0, 1)}) {
    H2ClientHarness harness;
    harness.begin();
    harness.feed(kServerHello + ok(1));
    harness.take_log();
    int taken = 0;
    while (harness.take_log().empty() && ++taken < 5000) {
      harness.feed(frame);
      harness.take_output();
    }
    CHECK(taken <= 2001);
    CHECK(harness.session().free_requests() == 0);
  }
}

TEST_CASE("No more requests at a time than the server wants") {
  H2ClientHarness harness;
  CHECK(harness.session().free_requests() == 100);
  harness.feed(h2::settings({{3, 2}}));
  CHECK(harness.capacity_changes == 1);
  CHECK(harness.session().free_requests() == 2);
  harness.begin();
  harness.begin();
  CHECK(harness.session().free_requests() == 0);
  harness.take_frames();
  harness.feed(ok(1, {}, kEndStream));
  CHECK(harness.exchange(1).close());
  CHECK(harness.session().free_requests() == 1);
  // One that is given up counts until the server has been told.
  harness.exchange(2).close();
  CHECK(harness.session().free_requests() == 1);
  harness.begin();
  CHECK(harness.session().free_requests() == 0);
  harness.capacity_changes = 0;
  harness.take_frames();
  CHECK(harness.session().free_requests() == 1);
  CHECK(harness.capacity_changes == 1);
  H2ClientHarness unlimited;
  unlimited.feed(h2::settings());
  CHECK(unlimited.session().free_requests() == H2Client::kMostRequests);
}

TEST_CASE("A request that finds the connection closing is refused, but not within its own call") {
  H2ClientHarness harness;
  harness.begin();
  harness.take_frames();
  harness.feed(kServerHello + h2::goaway(1, 0));
  harness.begin();  // a pool that has not looked
  CHECK(harness.take_log().empty());
  harness.end_turn();
  CHECK(harness.take_log() == "2: server_refused");
}

TEST_CASE("A WebSocket of HTTP/1.1 goes over HTTP/2") {
  H2ClientHarness harness;
  CHECK_FALSE(harness.session().can_upgrade());
  harness.feed(h2::settings({{8, 1}}));
  CHECK(harness.session().can_upgrade());
  auto& exchange = harness.begin(kWebSocket, false);
  CHECK(
      harness.take_frames() ==
      "HEADERS 1 "
      ":method=CONNECT;:protocol=websocket;:scheme=https;:path=/chat;:authority=h;sec-websocket-version=13;");
  harness.feed(ok(1));
  CHECK(harness.take_log() == "1: 101 tunnel");
  exchange.writer->send_body("up");
  CHECK(harness.take_frames() == "DATA 1 up");
  // The server's half ends first; the client's goes on.
  harness.feed(data(1, "down", kEndStream));
  CHECK(harness.take_log() == "1: body(down) | 1: end");
  exchange.writer->send_body("more");
  exchange.writer->send_end({});
  CHECK(harness.take_frames() == "DATA 1 end more");
  CHECK(exchange.close());
  CHECK(harness.take_frames().empty());
}

TEST_CASE("A tunnel that a server refuses was an ordinary request") {
  H2ClientHarness harness;
  harness.feed(h2::settings({{8, 1}}));
  harness.begin(kWebSocket, false);
  harness.take_frames();
  harness.feed(headers(1, {{":status", "403"}}, 0) + data(1, "no", kEndStream));
  CHECK(harness.take_log() == "1: 403 chunked | 1: body(no) | 1: end");
  CHECK(harness.take_frames() == "DATA 1 end");
}

TEST_CASE("A tunnel whose connection is lost fails, whichever half has ended") {
  H2ClientHarness harness;
  harness.feed(h2::settings({{8, 1}}));
  harness.begin(kWebSocket, false);
  harness.take_frames();
  harness.feed(ok(1) + data(1, "", kEndStream));
  harness.take_log();
  harness.session().on_connection_lost({Code::kIo, Origin::kServer, "reset", 0, 0, 0});
  CHECK(harness.take_log() == "1: server_truncated");
}

}  // namespace
}  // namespace reseal::http::test
