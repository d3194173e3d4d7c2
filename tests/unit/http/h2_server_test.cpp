#include "lb/http/h2_server.h"

#include <catch2/catch.hpp>

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

struct Case {
  const char* name;
  std::string input;
  std::string log;
  std::string frames;
};

TEST_CASE("HTTP/2 requests are read and answered, in whatever pieces they come") {
  const Case cases[] = {
      {"one", headers(1, get("/a")), "1: GET /a none | 1: end",
       "HEADERS 1 :status=200;content-length=2; | DATA 1 end /a"},
      {"a body", headers(1, post("/p"), 0) + data(1, "hel") + data(1, "lo", kEndStream),
       "1: POST /p chunked | 1: body(hello) | 1: end",
       "HEADERS 1 :status=200;content-length=2; | DATA 1 end /p"},
      {"a body with a length",
       headers(1, post("/p", {{"content-length", "5"}}), 0) + data(1, "hello", kEndStream),
       "1: POST /p length 5 | 1: body(hello) | 1: end",
       "HEADERS 1 :status=200;content-length=2; | DATA 1 end /p"},
      {"its end in a frame of its own",
       headers(1, post("/p"), 0) + data(1, "hello") + data(1, "", kEndStream),
       "1: POST /p chunked | 1: body(hello) | 1: end",
       "HEADERS 1 :status=200;content-length=2; | DATA 1 end /p"},
      {"trailers",
       headers(1, post("/p"), 0) + data(1, "hello") +
           headers(1, {{"a", "b"}, {"host", "evil"}, {"x_forwarded_for", "::1"}}),
       "1: POST /p chunked | 1: body(hello) | 1: end a=b;",
       "HEADERS 1 :status=200;content-length=2; | DATA 1 end /p"},
      {"padding",
       h2::frame(h2::kHeaders, h2::kEndStream | h2::kEndHeaders | h2::kPadded, 1,
                 std::string("\x03", 1) + h2::block(get("/a")) + std::string(3, '\0')),
       "1: GET /a none | 1: end", "HEADERS 1 :status=200;content-length=2; | DATA 1 end /a"},
      {"a block in three frames",
       h2::frame(h2::kHeaders, kEndStream, 1, h2::block(get("/a")).substr(0, 10)) +
           h2::frame(h2::kContinuation, 0, 1, h2::block(get("/a")).substr(10, 7)) +
           h2::frame(h2::kContinuation, h2::kEndHeaders, 1, h2::block(get("/a")).substr(17)),
       "1: GET /a none | 1: end", "HEADERS 1 :status=200;content-length=2; | DATA 1 end /a"},
      {"unknown frames in between", h2::frame(200, 0, 0, "grease") + headers(1, get("/a")),
       "1: GET /a none | 1: end", "HEADERS 1 :status=200;content-length=2; | DATA 1 end /a"},
      {"HEAD",
       headers(1, {{":method", "HEAD"}, {":scheme", "https"}, {":authority", "h"}, {":path", "/abc"}}),
       "1: HEAD /abc none | 1: end", "HEADERS 1 end :status=200;content-length=4;"},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(c.name << " in pieces of " << piece);
      H2ServerHarness harness(Answer::kAtEnd);
      harness.feed(hello() + c.input, piece);
      CHECK(harness.take_log() == c.log);
      CHECK(harness.take_frames() == c.frames);
      CHECK(harness.session().is_idle());
    }
  }
}

TEST_CASE("The preface states what the session allows") {
  H2ServerHarness harness(Answer::kByHand);
  const std::string output = harness.take_output();  // before the client has said anything
  CHECK(output.substr(0, 9 + 30) == h2::settings({{3, 100}, {4, 65536}, {6, 32768}, {8, 1}, {9, 1}}));
  CHECK(output.find(h2::window_update(0, 1024 * 1024 - 65535)) != std::string::npos);
}

TEST_CASE("Requests are answered in any order, each on its stream") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, get("/a")) + headers(3, get("/b")) + headers(5, get("/c")));
  CHECK(harness.take_log() == "1: GET /a none | 1: end | 2: GET /b none | 2: end | 3: GET /c none | 3: end");
  harness.exchange(3).answer(200, "3");
  harness.exchange(1).answer(404, "1");
  CHECK(harness.take_frames() ==
        "HEADERS 5 :status=200;content-length=1; | HEADERS 1 :status=404;content-length=1; | DATA 1 end 1 | "
        "DATA 5 end 3");
  CHECK_FALSE(harness.session().is_idle());
  harness.exchange(2).answer(200, "");
  CHECK(harness.take_frames() == "HEADERS 3 end :status=200;content-length=0;");
  CHECK(harness.session().is_idle());
}

TEST_CASE("An answer from within the head's event is taken") {
  for (const std::size_t piece : kPieces) {
    H2ServerHarness harness(Answer::kAtOnce);
    harness.feed(hello() + headers(1, get("/a")) + headers(3, get("/b")), piece);
    CHECK(harness.take_log() == "1: GET /a none | 2: GET /b none");
    CHECK(harness.take_frames().find("DATA 3 end /b") != std::string::npos);
    CHECK(harness.session().is_idle());
  }
}

h2::Fields post_of(const std::string& length) {
  h2::Fields fields = post("/p");
  fields.emplace_back("content-length", length);
  return fields;
}

TEST_CASE("A response that overtakes its request does not reset it: what still comes is thrown away") {
  H2ServerHarness harness(Answer::kAtOnce);
  harness.feed(hello() + headers(1, post_of("200004"), 0) + data(1, "begun"));
  // The window opens for all that is left, before the client has taken notice of the end.
  CHECK(harness.take_frames() ==
        "HEADERS 1 :status=200;content-length=2; | DATA 1 end /p | WINDOW_UPDATE 1 199999");
  CHECK(harness.session().has_leftovers());
  CHECK_FALSE(harness.session().is_idle());
  for (int i = 0; i < 19; ++i) harness.feed(data(1, std::string(10'000, 'x')));
  harness.feed(data(1, std::string(9'995, 'x')));
  harness.feed(data(1, "late", kEndStream) + headers(3, get("/b")));
  CHECK(harness.take_log() == "1: POST /p length 200004 | 2: GET /b none");
  CHECK(harness.take_frames() == "HEADERS 3 :status=200;content-length=2; | DATA 3 end /b");
  CHECK_FALSE(harness.session().has_leftovers());
  CHECK(harness.session().is_idle());
}

TEST_CASE("A response that overtakes a long request, or one of unknown length, resets it without an error") {
  for (const h2::Fields& request : {post("/p"), post_of(std::to_string(H2ServerStream::kMostLeftover + 1))}) {
    H2ServerHarness harness(Answer::kAtOnce);
    harness.feed(hello() + headers(1, request, 0));
    CHECK(harness.take_frames() ==
          "HEADERS 1 :status=200;content-length=2; | DATA 1 end /p | RST_STREAM 1 0");
    CHECK_FALSE(harness.session().has_leftovers());
    CHECK(harness.session().is_idle());
    // What was on its way is ignored.
    harness.feed(data(1, "late", kEndStream) + headers(3, get("/b")));
    CHECK(harness.take_log().ends_with(" | 2: GET /b none"));
  }
}

TEST_CASE(
    "An upload that goes on after its response is reset when it is longer than it said, or takes too long") {
  H2ServerHarness harness(Answer::kAtOnce);
  harness.feed(hello() + headers(1, post_of("9"), 0) + headers(3, post_of("9"), 0) +
               headers(5, post_of("9"), 0));
  harness.take_frames();
  harness.feed(data(5, "0123456789"));
  CHECK(harness.take_frames() == "RST_STREAM 5 0");
  harness.session().look_at_leftovers();
  harness.feed(headers(7, post_of("9"), 0) + data(3, "012345678", kEndStream));
  CHECK(harness.take_frames() ==
        "HEADERS 7 :status=200;content-length=2; | DATA 7 end /p | WINDOW_UPDATE 7 9");
  harness.session().look_at_leftovers();
  CHECK(harness.take_frames() == "RST_STREAM 1 0");
  CHECK(harness.session().has_leftovers());
  harness.session().look_at_leftovers();
  CHECK(harness.take_frames() == "RST_STREAM 7 0");
  CHECK_FALSE(harness.session().has_leftovers());
  CHECK(harness.session().is_idle());
}

TEST_CASE("Responses of every framing become HTTP/2") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello());
  std::uint32_t id = 1;
  const auto answered = [&](int status, const Framing& framing, auto add_fields, std::string_view body,
                            std::span<const Field> trailers) {
    harness.feed(headers(id, get("/")));
    auto& exchange = harness.exchange(id / 2 + 1);
    ResponseHead& head = exchange.response(status, framing);
    add_fields(head);
    exchange.writer->send_head(head);
    if (!body.empty()) exchange.writer->send_body(body);
    exchange.writer->send_end(trailers);
    id += 2;
    return harness.take_frames();
  };
  const auto none = [](ResponseHead&) {};
  CHECK(answered(204, {}, none, "", {}) == "HEADERS 1 end :status=204;");
  CHECK(answered(304, {BodyKind::kNone, 9, true}, none, "", {}) ==
        "HEADERS 3 end :status=304;content-length=9;");
  CHECK(answered(200, {BodyKind::kUntilClose, 0, false}, none, "hi", {}) ==
        "HEADERS 5 :status=200; | DATA 5 end hi");
  const Field trailers[] = {{FieldName::kOther, false, "Grpc-Status", "0"}};
  CHECK(answered(200, {BodyKind::kChunked, 0, false}, none, "hi", trailers) ==
        "HEADERS 7 :status=200; | DATA 7 hi | HEADERS 7 end grpc-status=0;");
  CHECK(answered(200, {BodyKind::kChunked, 0, false}, none, "", trailers) ==
        "HEADERS 9 :status=200; | HEADERS 9 end grpc-status=0;");
  // Connection-specific fields never get through, and names are lower-case.
  CHECK(answered(200, {},
                 [](ResponseHead& head) {
                   head.add(FieldName::kConnection, "Connection", "close");
                   head.add(FieldName::kTransferEncoding, "Transfer-Encoding", "chunked");
                   head.add(FieldName::kKeepAlive, "Keep-Alive", "timeout=5");
                   head.add(FieldName::kUpgrade, "Upgrade", "h2c");
                   head.add(FieldName::kContentLength, "Content-Length", "77");
                   head.add(FieldName::kServer, "Server", "S");
                   head.add(FieldName::kOther, "X-Mixed-Case", "Value");
                   head.add(FieldName::kOther, "x-dropped", "v");
                   head.fields.back().drop = true;
                 },
                 "", {}) == "HEADERS 11 end :status=200;server=S;x-mixed-case=Value;");
}

TEST_CASE("Informational responses come before the final one") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, post("/", {{"expect", "100-continue"}}), 0));
  auto& exchange = harness.exchange(1);
  CHECK(exchange.head.expect_continue);
  exchange.writer->send_informational(exchange.response(100, {}));
  exchange.writer->send_informational(exchange.response(103, {}));
  CHECK(harness.take_frames() == "HEADERS 1 :status=100; | HEADERS 1 :status=103;");
  exchange.answer(200, "x");
  CHECK(harness.take_frames().starts_with("HEADERS 1 :status=200;content-length=1; | DATA 1 end x"));
}

TEST_CASE("A response shorter or longer than it said resets the stream") {
  for (const std::string_view body : {"abc", "abcdef"}) {
    H2ServerHarness harness(Answer::kByHand);
    harness.feed(hello() + headers(1, get("/")));
    auto& exchange = harness.exchange(1);
    exchange.writer->send_head(exchange.response(200, {BodyKind::kLength, 5, false}));
    exchange.writer->send_body(body);
    exchange.writer->send_end({});
    CHECK(harness.take_frames().find("RST_STREAM 1 2") != std::string::npos);
    CHECK(harness.session().is_idle());
    // The other streams do not care.
    harness.feed(headers(3, get("/")));
    harness.exchange(2).answer(200, "x");
    CHECK(harness.take_frames() == "HEADERS 3 :status=200;content-length=1; | DATA 3 end x");
  }
}

TEST_CASE(
    "An exchange whose response was too long is told when the stream is gone, and calls nobody else's "
    "stream") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, get("/")));
  auto& exchange = harness.exchange(1);
  exchange.writer->send_head(exchange.response(200, {BodyKind::kLength, 1, false}));
  exchange.writer->send_body("abc");
  CHECK(harness.take_log() == "1: GET / none | 1: end");
  harness.end_turn();
  CHECK(harness.take_log() == "1: gone client_gone");
}

TEST_CASE("An aborted response resets its stream only") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, get("/")) + headers(3, get("/")));
  harness.exchange(1).writer->send_head(harness.exchange(1).response(200, {BodyKind::kChunked, 0, false}));
  harness.exchange(1).writer->abort();
  harness.exchange(2).answer(200, "x");
  const std::string frames = harness.take_frames();
  CHECK(frames.find("RST_STREAM 1 2") != std::string::npos);
  CHECK(frames.find("DATA 3 end x") != std::string::npos);
  CHECK(harness.session().is_idle());
  CHECK(harness.take_log().find("gone") == std::string::npos);
}

TEST_CASE("A body is held back until the exchange wants it, and the window with it") {
  for (const std::size_t piece : kPieces) {
    INFO("pieces of " << piece);
    H2ServerHarness harness(Answer::kByHand);
    harness.feed(hello() + headers(1, post("/"), 0) + data(1, "he"), piece);
    harness.take_log();
    harness.exchange(1).writer->resume_request_body();
    CHECK(harness.take_log() == "1: body(he)");
    harness.exchange(1).writer->pause_request_body();
    harness.feed(data(1, "llo", kEndStream), piece);
    CHECK(harness.take_log().empty());
    harness.exchange(1).writer->resume_request_body();
    CHECK(harness.take_log() == "1: body(llo) | 1: end");
  }
}

TEST_CASE("Pausing and aborting from within the body's event is heeded at once") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, post("/"), 0) + headers(3, post("/"), 0));
  harness.take_log();
  harness.exchange(1).pause_at_body = true;
  harness.exchange(1).writer->resume_request_body();
  harness.feed(data(1, "a") + data(1, "b", kEndStream));
  CHECK(harness.take_log() == "1: body(a)");
  harness.exchange(1).writer->resume_request_body();
  CHECK(harness.take_log() == "1: body(b)");
  harness.exchange(1).writer->resume_request_body();
  CHECK(harness.take_log() == "1: end");
  harness.exchange(2).abort_at_body = true;
  harness.feed(data(3, "ab") + data(3, "cd"));
  harness.exchange(2).writer->resume_request_body();
  CHECK(harness.take_log() == "2: body(abcd)");  // one piece, since it was held back
  CHECK(harness.take_frames().find("RST_STREAM 3 2") != std::string::npos);
}

TEST_CASE("A body that is not as long as its Content-Length is refused") {
  const struct {
    const char* name;
    std::string input;
    std::string log;
  } cases[] = {
      {"longer", headers(1, post("/", {{"content-length", "3"}}), 0) + data(1, "abcd", kEndStream),
       "1: POST / length 3 | 1: failed ambiguous_request"},
      {"longer, in two frames",
       headers(1, post("/", {{"content-length", "3"}}), 0) + data(1, "abc") + data(1, "d", kEndStream),
       "1: POST / length 3 | 1: body(abc) | 1: failed ambiguous_request"},
      {"shorter", headers(1, post("/", {{"content-length", "3"}}), 0) + data(1, "ab", kEndStream),
       "1: POST / length 3 | 1: body(ab) | 1: failed ambiguous_request"},
      {"shorter, with trailers",
       headers(1, post("/", {{"content-length", "3"}}), 0) + data(1, "ab") + headers(1, {{"a", "b"}}),
       "1: POST / length 3 | 1: body(ab) | 1: failed ambiguous_request"},
      {"none", headers(1, post("/", {{"content-length", "3"}})), "1: bad ambiguous_request"},
      {"trailers that do not end it", headers(1, post("/"), 0) + headers(1, {{"a", "b"}}, 0),
       "1: POST / chunked | 1: failed bad_request"},
      {"pseudo fields in trailers", headers(1, post("/"), 0) + headers(1, {{":path", "/x"}}),
       "1: POST / chunked | 1: failed bad_request"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    H2ServerHarness harness(Answer::kAtEnd);
    harness.feed(hello() + c.input);
    CHECK(harness.take_log() == c.log);
    CHECK(harness.take_frames().starts_with("HEADERS 1 :status=400;content-length=2; | DATA 1 end no"));
    CHECK(harness.session().is_idle());
  }
}

TEST_CASE("A malformed head gets its 400 on its stream, and the connection goes on") {
  for (const std::size_t piece : kPieces) {
    H2ServerHarness harness(Answer::kAtEnd);
    harness.feed(hello() + headers(1, get("/ x")) + headers(3, get("/ok")), piece);
    CHECK(harness.take_log() == "1: bad bad_request | 2: GET /ok none | 2: end");
    CHECK(harness.take_frames().find("HEADERS 1 :status=400;") == 0);
  }
}

TEST_CASE("Streams that the client resets tell their exchanges, and nobody else") {
  H2ServerHarness harness(Answer::kByHand);
  harness.feed(hello() + headers(1, get("/")) + headers(3, get("/")));
  harness.take_log();
  harness.feed(h2::rst_stream(1, 8));
  CHECK(harness.take_log() == "1: gone client_gone");
  harness.exchange(2).answer(200, "x");
  harness.take_frames();
  CHECK(harness.session().is_idle());
}

}  // namespace
}  // namespace reseal::http::test
