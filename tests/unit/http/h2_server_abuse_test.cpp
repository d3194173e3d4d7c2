// Each test names the bound that it finds: what a hostile client can make the HTTP/2 server end do, and where it ends.
#include <catch2/catch.hpp>

#include "lb/http/h2_server.h"
#include "tests/unit/http/h2_server_harness.h"

namespace reseal::http::test {
namespace {

using namespace std::string_literals;
using Answer = H2ServerHarness::Answer;
using h2::data;
using h2::get;
using h2::headers;
using h2::kEndStream;
using h2::post;

constexpr std::uint32_t kProtocolError = 1;
constexpr std::uint32_t kEnhanceYourCalm = 11;

std::string hello() {
  return H2ServerHarness::hello();
}

/// Feeds the frame until the session ends or `most` were taken; each in a turn of its own. How many were taken.
int feed_until_done(H2ServerHarness& harness, const std::string& frame, int most) {
  for (int i = 0; i < most; ++i) {
    harness.feed(frame);
    harness.take_output();
    if (harness.take_log().ends_with("done")) return i;
  }
  return most;
}

TEST_CASE("Header blocks without end within a body are a flood") {
  H2ServerHarness harness(Answer::kAtOnce);  // nobody is told of them any more
  h2::Fields request = post("/");
  request.emplace_back("content-length", "9");
  harness.feed(hello() + headers(1, request, 0));
  harness.take_log();
  int taken = 0;
  for (; taken < 2000 && !harness.take_log().ends_with("done"); ++taken) {
    harness.feed(headers(1, {{"x", "y"}}, 0));
    harness.take_output();
  }
  CHECK(taken < 2000);
}

TEST_CASE("A flood of any frame is ended with ENHANCE_YOUR_CALM, in time, and held in memory nowhere") {
  const struct {
    const char* name;
    std::string frame;
    int at_most;  // frames, at once
  } floods[] = {
      {"PING", h2::ping(), 1000},
      {"SETTINGS", h2::settings(), 100},
      {"SETTINGS that resize tables", h2::settings({{1, 0}}) + h2::settings({{1, 65536}}), 50},
      {"PRIORITY", h2::frame(h2::kPriority, 0, 1, std::string(5, '\0')), 2000},
      {"WINDOW_UPDATE", h2::window_update(0, 1), 2000},
      {"WINDOW_UPDATE of a stream", h2::window_update(1, 1), 2000},
      {"empty DATA", data(1, ""), 2000},
      {"DATA of padding", h2::frame(h2::kData, h2::kPadded, 1, std::string(1, '\0')), 2000},
      {"unknown frames", h2::frame(77, 0, 0, "x"), 1000},
      {"RST_STREAM of a stream that is gone", h2::rst_stream(3, 8), 2000},
      {"GOAWAY", h2::goaway(0, 0), 400},
      {"PING answers", h2::ping("01234567", h2::kAck), 2000},
  };
  for (const auto& flood : floods) {
    INFO(flood.name);
    H2ServerHarness harness(Answer::kByHand);
    harness.feed(hello() + headers(1, post("/"), 0) + headers(3, get("/")) + h2::rst_stream(3, 8));
    harness.take_log();
    harness.take_output();
    const std::size_t before = harness.pool().in_use();
    std::string log;
    int taken = 0;
    for (; taken < 10000 && !log.ends_with("done"); ++taken) {
      harness.feed(flood.frame);
      harness.take_output();
      log += harness.take_log();
    }
    CHECK(taken <= flood.at_most);
    CHECK(taken > flood.at_most / 2);
    CHECK(log == "1: gone bad_request | done");
    CHECK(harness.pool().in_use() <= before);
    // What comes afterwards does not reach anybody.
    harness.feed(headers(5, get("/late")) + h2::ping());
    CHECK(harness.take_log().empty());
    CHECK(harness.take_output().empty());
  }
}

TEST_CASE("The code of a flood's end is ENHANCE_YOUR_CALM") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, get("/")));
  harness.take_output();
  std::string pings;
  for (int i = 0; i < 2000; ++i) pings += h2::ping();
  harness.feed(pings);
  CHECK(harness.take_frames() == "GOAWAY 1 " + std::to_string(kEnhanceYourCalm));
}

TEST_CASE("The bucket drains: a few pings and cancelled requests a second go on for ever") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello());
  std::uint32_t id = 1;
  for (int second = 0; second < 120; ++second) {
    harness.now += std::chrono::seconds(1);
    for (int i = 0; i < 40; ++i, id += 2) harness.feed(headers(id, get("/")) + h2::rst_stream(id, 8));
    for (int i = 0; i < 10; ++i) harness.feed(h2::ping());
    harness.take_output();
  }
  CHECK(harness.take_log().find("done") == std::string::npos);
  CHECK(harness.exchanges() == 120 * 40);
}

TEST_CASE("A browser may cancel a hundred pictures at once") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello());
  std::string requests;
  std::string resets;
  for (std::uint32_t id = 1; id < 200; id += 2) {
    requests += headers(id, get("/"));
    resets += h2::rst_stream(id, 8);
  }
  harness.feed(requests);
  harness.feed(resets);
  harness.take_output();
  CHECK(harness.take_log().find("done") == std::string::npos);
  CHECK(harness.session().is_idle());
}

TEST_CASE(
    "Rapid reset: requests that are cancelled at once are bounded at 500, though each is a stream of its "
    "own") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello());
  std::string flood;
  for (std::uint32_t id = 1; id < 40000; id += 2) flood += headers(id, get("/")) + h2::rst_stream(id, 8);
  for (std::size_t at = 0; at < flood.size(); at += 64 * 1024) harness.feed(flood.substr(at, 64 * 1024));
  CHECK(harness.exchanges() <= 501);
  CHECK(harness.take_log().ends_with("done"));
  CHECK(harness.take_frames().ends_with(" 11"));
}

TEST_CASE("MadeYouReset: streams that the client makes us reset count like those that it resets") {
  const struct {
    const char* name;
    std::string (*provoke)(std::uint32_t id);
  } ways[] = {
      {"a window that overflows", [](std::uint32_t id) { return h2::window_update(id, 0x7fffffff); }},
      {"more body than Content-Length says", [](std::uint32_t id) { return data(id, "xx"); }},
      {"fields within a body", [](std::uint32_t id) { return headers(id, {{"a", "b"}}, 0); }},
  };
  for (const auto& way : ways) {
    INFO(way.name);
    H2ServerHarness harness(Answer::kByHand);
    harness.feed(hello());
    std::uint32_t id = 1;
    for (; id < 10000; id += 2) {
      harness.feed(headers(id, post("/", {{"content-length", "1"}}), 0) + way.provoke(id));
      harness.take_output();
      const std::string log = harness.take_log();
      if (log.ends_with("done")) break;
      if (log.find("failed") != std::string::npos) harness.exchange(id / 2 + 1).writer->abort();
      harness.take_output();
    }
    CHECK(id / 2 <= 700);
  }
}

TEST_CASE("Whoever is served may cancel in proportion") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello());
  std::uint32_t id = 1;
  for (int i = 0; i < 3000; ++i) {  // in no time at all
    harness.feed(headers(id, get("/")));
    harness.exchange(harness.exchanges()).answer(200, "x");
    harness.feed(headers(id + 2, get("/")) + h2::rst_stream(id + 2, 8));
    id += 4;
    harness.take_output();
  }
  CHECK(harness.take_log().find("done") == std::string::npos);
}

TEST_CASE("More streams at a time than announced are refused, and refusals are bounded too") {
  H2ServerHarness harness(Answer::kByHand);
  std::string requests;
  for (std::uint32_t id = 1; id <= 201; id += 2) requests += headers(id, get("/"));
  harness.feed(hello() + requests);
  CHECK(harness.exchanges() == 100);
  CHECK(harness.take_frames().find("RST_STREAM 201 7") != std::string::npos);
  CHECK(harness.take_log().find("done") == std::string::npos);
  // A client that knows better (it has acknowledged the SETTINGS) is at fault.
  harness.feed(h2::settings_ack() + headers(203, get("/")));
  CHECK(harness.take_frames().ends_with("GOAWAY 199 1"));
}

TEST_CASE("A header list over the limit is 431, and its rest is decoded and thrown away") {
  const HeadLimits limits{.head_bytes = 2000};
  for (const std::size_t piece : kPieces) {
    H2ServerHarness harness(Answer::kAtEnd, limits);
    h2::Fields large = get("/");
    for (int i = 0; i < 10; ++i) large.emplace_back("x-" + std::to_string(i), std::string(200, 'v'));
    harness.feed(hello() + headers(1, large) + headers(3, get("/ok")), piece);
    CHECK(harness.take_log() == "1: bad head_too_large | 2: GET /ok none | 2: end");
  }
}

TEST_CASE("HPACK bomb: a kilobyte that unpacks to megabytes ends the connection before it has") {
  H2ServerHarness harness(Answer::kByHand);
  // One entry of 3 KiB goes into the dynamic table, then references to it, a byte each (RFC 7541 6.1, 6.2.1).
  std::string block = h2::block(get("/"));
  block += std::string("\x40\x01", 2) + "b" + h2::hpack_length(3000) + std::string(3000, 'b');
  block += std::string(10000, '\xbe');
  harness.feed(hello() + h2::frame(h2::kHeaders, kEndStream | h2::kEndHeaders, 1, block));
  CHECK(harness.exchanges() == 0);
  CHECK(harness.take_log() == "done");
  CHECK(harness.take_frames() == "GOAWAY 1 11");
  CHECK(harness.pool().in_use() == 0);
}

TEST_CASE("A bomb of tiny fields counts by their number, not only their bytes") {
  H2ServerHarness harness(Answer::kByHand);
  // ":status: 200"-like single bytes: index 16 is accept-encoding, a cookie crumb by reference would do as well.
  std::string block = h2::block(get("/")) + std::string("\x40\x06", 2) + "cookie" + std::string(1, '\0');
  block += std::string(9000, '\xbe');
  harness.feed(hello() + h2::frame(h2::kHeaders, kEndStream | h2::kEndHeaders, 1, block));
  CHECK(harness.exchanges() == 0);
  CHECK(harness.take_frames() == "GOAWAY 1 11");
}

TEST_CASE("CONTINUATION flood: ten frames of a block are the most that a list of 32 KiB may take") {
  for (const bool empty : {false, true}) {
    H2ServerHarness harness(Answer::kByHand);
    harness.feed(hello() + h2::frame(h2::kHeaders, kEndStream, 1, h2::block(get("/"))));
    const std::string more = h2::frame(h2::kContinuation, 0, 1, empty ? "" : h2::block({{"a", "b"}}));
    CHECK(feed_until_done(harness, more, 1000) == 10);
    CHECK(harness.exchanges() == 0);
  }
}

TEST_CASE("A frame larger than allowed, or out of order, is a connection error") {
  const struct {
    const char* name;
    std::string input;
    std::uint32_t error;
  } cases[] = {
      {"too large", h2::number(16385, 3) + std::string("\0\0\0\0\0\1", 6), 6},
      {"DATA on no stream", data(0, "x"), kProtocolError},
      {"DATA on an idle stream", data(1, "x"), kProtocolError},
      {"CONTINUATION of nothing", h2::frame(h2::kContinuation, h2::kEndHeaders, 1), kProtocolError},
      {"an even stream", headers(2, get("/")), kProtocolError},
      {"DATA after END_STREAM", headers(1, get("/")) + data(1, "x"), 5},
      {"HEADERS after END_STREAM", headers(1, get("/")) + headers(1, {{"a", "b"}}), 5},
      {"something else within a block", h2::frame(h2::kHeaders, 0, 1, h2::block(get("/"))) + h2::ping(),
       kProtocolError},
      {"PUSH_PROMISE from a client", h2::frame(h2::kPushPromise, h2::kEndHeaders, 1, std::string(4, '\0')),
       kProtocolError},
      {"a bad block", h2::frame(h2::kHeaders, kEndStream | h2::kEndHeaders, 1, "\xff\xff\xff\xff\xff\xff"),
       9},
      {"window update of 0", h2::window_update(0, 0), kProtocolError},
      {"a window that overflows", h2::window_update(0, 0x7fffffff), 3},
      {"SETTINGS of an odd size", h2::frame(h2::kSettings, 0, 0, "abc"), 6},
      {"33 SETTINGS", h2::frame(h2::kSettings, 0, 0, std::string(33 * 6, '\0')), 11},
      {"an acknowledgement of nothing", h2::settings_ack() + h2::settings_ack(), kProtocolError},
      {"PING of 7 bytes", h2::frame(h2::kPing, 0, 0, "1234567"), 6},
      {"padding longer than the frame",
       h2::frame(h2::kHeaders, h2::kEndHeaders | h2::kPadded, 1,
                 "\xff"
                 "abc"),
       kProtocolError},
  };
  for (const auto& c : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(c.name << " in pieces of " << piece);
      H2ServerHarness harness(Answer::kByHand);
      harness.feed(hello());
      harness.take_output();
      harness.take_log();
      harness.feed(c.input + headers(9, get("/late")), piece);
      const std::string frames = harness.take_frames();
      CHECK(frames.find("GOAWAY") != std::string::npos);
      CHECK(frames.ends_with(" " + std::to_string(c.error)));
      CHECK(harness.take_log().ends_with("done"));
      CHECK(harness.exchanges() <= 1);
    }
  }
}

TEST_CASE("What is no HTTP/2 is seen at its first wrong byte") {
  for (const std::string& input :
       {"GET / HTTP/1.1\r\nHost: h\r\n\r\n"s, "PRI * HTTP/2.0\r\n\r\nXX"s, "\x16\x03\x01"s}) {
    for (const std::size_t piece : kPieces) {
      H2ServerHarness harness(Answer::kByHand);
      harness.feed(input, piece);
      CHECK(harness.take_log() == "done");
      CHECK(harness.take_frames() == "GOAWAY 0 1");
    }
  }
  H2ServerHarness no_settings(Answer::kByHand);
  no_settings.feed(h2::kPreface + headers(1, get("/")));
  CHECK(no_settings.take_frames() == "GOAWAY 0 1");
}

TEST_CASE("A head that comes in drops is a head being read, whatever frames it is in") {
  H2ServerHarness harness(Answer::kByHand);
  CHECK(harness.session().is_reading_head());  // the preface
  harness.feed(hello());
  CHECK_FALSE(harness.session().is_reading_head());
  const std::string block = h2::block(get("/"));
  const std::string first = h2::frame(h2::kHeaders, kEndStream, 1, block.substr(0, 20));
  harness.feed(first.substr(0, 12));
  CHECK(harness.session().is_reading_head());
  harness.feed(first.substr(12));
  CHECK(harness.session().is_reading_head());
  CHECK_FALSE(harness.session().is_idle());
  harness.feed(h2::frame(h2::kContinuation, h2::kEndHeaders, 1, block.substr(20)));
  CHECK_FALSE(harness.session().is_reading_head());
  harness.session().refuse({Code::kClientTimeout, Origin::kClient, "late", 0, 0, 0});
  CHECK(harness.take_frames() == "GOAWAY 1 0");
  CHECK(harness.take_log().ends_with("1: gone client_timeout | done"));
}

TEST_CASE("Zero windows: a stream that moves no byte between two looks is reset, the others are not") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(h2::kPreface + h2::settings({{4, 0}}) + headers(1, get("/")) + headers(3, get("/")) +
               headers(5, get("/")));
  harness.take_log();
  for (std::size_t number : {1, 2}) {
    auto& exchange = harness.exchange(number);
    exchange.writer->send_head(exchange.response(200, {BodyKind::kChunked, 0, false}));
    exchange.writer->send_body(std::string(1000, 'x'));
  }
  harness.take_output();
  CHECK(harness.session().has_stalled_output());
  harness.session().look_at_stalls();
  harness.feed(h2::window_update(3, 10));  // the second one moves
  harness.take_output();
  harness.session().look_at_stalls();
  CHECK(harness.take_log() == "1: gone client_timeout");
  CHECK(harness.take_frames() == "RST_STREAM 1 8");
  harness.session().look_at_stalls();
  CHECK(harness.take_log() == "2: gone client_timeout");
  harness.take_output();
  CHECK_FALSE(harness.session().has_stalled_output());
  // A response whose exchange has long finished is reset as well.
  harness.exchange(3).answer(200, "rest");
  harness.take_output();
  harness.session().look_at_stalls();
  harness.session().look_at_stalls();
  CHECK(harness.take_frames() == "RST_STREAM 5 8");
  CHECK(harness.session().is_idle());
}

TEST_CASE("A hundred stalled responses hold a bounded amount of memory") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(h2::kPreface + h2::settings({{4, 0}}));
  for (std::uint32_t id = 1; id < 200; id += 2) harness.feed(headers(id, get("/")));
  const std::size_t before = harness.pool().in_use();
  std::size_t queued = 0;
  const std::string piece(16 * 1024, 'x');
  for (std::size_t number = 1; number <= 100; ++number) {
    auto& exchange = harness.exchange(number);
    exchange.writer->send_head(exchange.response(200, {BodyKind::kChunked, 0, false}));
    while (!exchange.writer->is_backed_up()) {
      exchange.writer->send_body(piece);
      queued += piece.size();
    }
  }
  harness.take_output();
  CHECK(queued <= H2Session::kMostQueued + 16 * 1024);
  CHECK((harness.pool().in_use() - before) * Chunk::kCapacity <= 2 * H2Session::kMostQueued);
  for (std::uint32_t id = 1; id < 200; id += 2) harness.feed(h2::rst_stream(id, 8));
  harness.take_output();
  CHECK(harness.pool().in_use() == before);
}

TEST_CASE("A client that sends without reading is held back, and its answers do not pile up") {
  H2ServerHarness harness(Answer::kAtOnce);
  harness.feed(hello());
  // Nothing takes the output: as if the kernel's buffers were full.
  std::uint32_t id = 1;
  while (!harness.session().wants_pause() && id < 100000) {
    harness.feed(headers(id, get("/" + std::string(400, 'x'))));
    harness.end_turn();
    id += 2;
  }
  CHECK(id < 2000);
  CHECK(harness.pool().in_use() < 200);
}

}  // namespace
}  // namespace reseal::http::test
