#include "lb/http/h1_client.h"

#include <catch2/catch.hpp>

#include "tests/support/memory_sink.h"
#include "tests/unit/http/http_test_support.h"

namespace reseal::http::test {
namespace {

using namespace std::string_literals;

/// An exchange that writes down what it is told.
class ClientHarness final : public ResponseEvents, public ClientSessionEvents {
 public:
  explicit ClientHarness(std::string_view request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                         bool complete = true) {
    begin(request, complete);
  }
  void begin(std::string_view request, bool complete) {
    request_.reset();
    REQUIRE(parse_request_head(request_.arena.copy(request), {}, request_));
    session_.send_head(request_, *this);
    if (complete) session_.send_end({});
  }

  H1Client& session() { return session_; }
  std::string take_log() { return std::exchange(log_, {}); }
  std::string take_output() { return sink_.take(); }
  void feed(std::string_view bytes, std::size_t piece = std::size_t{1} << 30) {
    in_pieces(bytes, piece, [this](std::string_view part) { session_.feed(part); });
  }
  bool reusable_at_end = false;  ///< what reusable() said within on_response_end
  bool cancel_on_body = false;
  bool cancel_on_informational = false;
  const char* next_request = nullptr;  ///< begun within on_response_end, as a pool might

 private:
  ResponseHead& response_head() override {
    response_.reset();
    return response_;
  }
  void on_informational(ResponseHead& head) override {
    note(std::to_string(head.status));
    if (cancel_on_informational) session_.close_request(session_);
  }
  void on_response_head(ResponseHead& head) override {
    note(std::to_string(head.status) + " " + framing_text(head.framing));
  }
  void on_response_body(std::string_view data) override {
    if (!log_.ends_with(')')) note("body()");
    log_.insert(log_.size() - 1, data);
    if (cancel_on_body) session_.close_request(session_);
  }
  void on_response_end(std::span<Field> trailers) override {
    note("end" + (trailers.empty() ? std::string() : " " + fields_text(trailers)));
    reusable_at_end = session_.free_requests() == 1;
    if (const char* next = std::exchange(next_request, nullptr)) begin(next, true);
  }
  void on_response_failed(const Error& error) override {
    note(std::string(code_word(error.code)));
    CHECK(error.origin == Origin::kServer);
  }
  void on_request_drained() override { note("drained"); }
  void on_output_pending() override {}
  void on_reading_changed() override {}
  void on_output_end() override { note("output end"); }
  void on_capacity_changed() override {}
  void note(const std::string& what) {
    if (!log_.empty()) log_.append(" | ");
    log_.append(what);
  }

  std::string log_;
  BufferPool pool_;
  reseal::test::MemorySink sink_{pool_};
  RequestHead request_{pool_};
  ResponseHead response_{pool_};
  H1Client session_{sink_, *this};
};

const std::string kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kHead = "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

struct Case {
  const char* name;
  std::string input;
  std::string log;
  bool reusable;
  std::string request = kGet;
};

TEST_CASE("A response is read in whatever pieces it comes") {
  const Case cases[] = {
      {"length", kOk, "200 length 5 | body(hello) | end", true},
      {"empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 length 0 | end", true},
      {"chunked",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\nHost: "
       "x\r\n\r\n",
       "200 chunked | body(hello) | end A=b;", true},
      {"204", "HTTP/1.1 204 X\r\n\r\n", "204 none | end", true},
      {"304", "HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n", "304 none(9) | end", true},
      {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "200 none(5) | end", true, kHead},
      {"HEAD, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "200 none | end", true,
       kHead},
      {"close", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
       "200 length 2 | body(ok) | end", false},
      {"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 length 2 | body(ok) | end", false},
      {"1.0, kept", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok",
       "200 length 2 | body(ok) | end", true},
      {"100, 103, then the final one", "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n" + kOk,
       "100 | 103 | 200 length 5 | body(hello) | end", true},
      {"a body that looks like a response", "HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\n" + kOk,
       "200 length 43 | body(" + kOk + ") | end", true},

      {"101", "HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n", "bad_response", false},
      {"not HTTP", "hello\r\n\r\n", "bad_response", false},
      {"ambiguous", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
       "bad_response", false},
      {"a broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\nx\r\n",
       "200 chunked | body(he) | bad_response", false},
  };
  REQUIRE(kOk.size() == 43);
  for (const Case& c : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(c.name << " in pieces of " << piece);
      ClientHarness harness(c.request);
      harness.feed(c.input, piece);
      CHECK(harness.take_log() == c.log);
      CHECK((harness.session().free_requests() == 1) == c.reusable);
      CHECK(harness.reusable_at_end == c.reusable);
    }
  }
}

TEST_CASE("Bytes that nobody asked for poison a connection, whenever they come") {
  const std::pair<std::string, std::string> cases[] = {
      {kOk, kGet},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", kGet},
      {"HTTP/1.1 204 X\r\n\r\n", kGet},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", kGet},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", kHead},
  };
  for (const auto& [response, request] : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(response << " in pieces of " << piece);
      ClientHarness harness(request);
      harness.feed(response + "HTTP/1.1 200 OK\r\n\r\n", piece);
      CHECK(harness.session().free_requests() == 0);
      // Known within the end's event too, where the connection is given back, if the bytes came with the
      // response.
      if (piece > 1000) CHECK_FALSE(harness.reusable_at_end);
    }
    ClientHarness later(request);
    later.feed(response);
    CHECK(later.session().free_requests() == 1);
    later.feed("x");
    CHECK(later.session().free_requests() == 0);
  }
}

TEST_CASE("One connection serves one request after the other") {
  ClientHarness harness;
  CHECK(harness.take_output() == kGet);
  CHECK(harness.session().free_requests() == 0);
  harness.feed(kOk);
  harness.begin("POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n", false);
  harness.session().send_body("a");
  harness.session().send_body("b");
  harness.session().send_end({});
  CHECK(harness.take_output() == "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab");
  harness.take_log();
  harness.feed(kOk);
  CHECK(harness.take_log() == "200 length 5 | body(hello) | end");
  CHECK(harness.session().free_requests() == 1);
}

TEST_CASE("The next request may begin while the end of the last response is being told") {
  for (const char* first : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 204 X\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n\r\n"}) {
    for (const std::size_t piece : kPieces) {
      ClientHarness harness;
      harness.next_request = "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n";
      harness.feed(first, piece);
      harness.take_log();
      harness.feed("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", piece);
      CHECK(harness.take_log() == "200 none(7) | end");
      CHECK(harness.session().free_requests() == 1);
    }
  }
}

TEST_CASE("Request bodies are framed as their head says, never longer") {
  ClientHarness chunked("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", false);
  chunked.take_output();
  chunked.session().send_body("hello");
  chunked.session().send_body("");
  const Field trailers[] = {{FieldName::kOther, false, "A", "b"}};
  chunked.session().send_end(trailers);
  CHECK(chunked.take_output() == "5\r\nhello\r\n0\r\nA: b\r\n\r\n");

  ClientHarness longer("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n", false);
  longer.take_output();
  longer.session().send_body("ab");
  longer.session().send_body("cd");
  longer.session().send_end({});
  CHECK(longer.take_output() == "abc");
  longer.feed(kOk);
  CHECK(longer.session().free_requests() == 1);

  ClientHarness none(kGet, false);
  none.take_output();
  none.session().send_body("GET /smuggled HTTP/1.1\r\n\r\n");
  none.session().send_end({});
  CHECK(none.take_output().empty());
}

TEST_CASE("A connection whose request was never complete is not used again") {
  ClientHarness shorter("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n", false);
  shorter.session().send_body("ab");
  shorter.session().send_end({});
  shorter.feed(kOk);
  CHECK(shorter.session().free_requests() == 0);

  // The server answers early: the answer counts, the connection does not, unless the request is completed
  // after all.
  ClientHarness early("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n", false);
  early.session().send_body("a");
  early.feed(kOk);
  CHECK(early.take_log() == "200 length 5 | body(hello) | end");
  CHECK(early.session().free_requests() == 0);
}

TEST_CASE("A paused response is held back, and its end too") {
  for (const std::size_t piece : kPieces) {
    ClientHarness harness;
    harness.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", piece);
    harness.session().pause_response();
    CHECK(harness.session().wants_pause());
    harness.feed("hello", piece);
    harness.session().on_input_end();
    CHECK(harness.take_log() == "200 length 5");
    harness.session().resume_response();
    CHECK(harness.take_log() == "body(hello) | end");
    CHECK_FALSE(harness.session().wants_pause());
    CHECK(harness.session().free_requests() == 0);  // the server has ended the connection
  }
}

TEST_CASE("How a connection ended tells what the response is worth") {
  struct {
    const char* name;
    std::string input;
    std::string at_end;
    std::string at_reset;
  } const cases[] = {
      {"nothing came", "", "server_closed", "server_reset"},
      {"within the head", "HTTP/1.1 2", "server_truncated", "server_truncated"},
      {"after 100", "HTTP/1.1 100 C\r\n\r\n", "100 | server_truncated", "100 | server_truncated"},
      {"within a length", kOk.substr(0, 40), "200 length 5 | body(he) | server_truncated",
       "200 length 5 | body(he) | server_truncated"},
      {"within chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n",
       "200 chunked | body(he) | server_truncated", "200 chunked | body(he) | server_truncated"},
      {"before the last chunk's end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
       "200 chunked | server_truncated", "200 chunked | server_truncated"},
      {"until close", "HTTP/1.1 200 OK\r\n\r\nhello", "200 until close | body(hello) | end",
       "200 until close | body(hello) | server_truncated"},
      {"complete", kOk, "200 length 5 | body(hello) | end", "200 length 5 | body(hello) | end"},
  };
  for (const auto& c : cases) {
    for (const std::size_t piece : kPieces) {
      INFO(c.name << " in pieces of " << piece);
      ClientHarness ended;
      ended.feed(c.input, piece);
      ended.session().on_input_end();
      CHECK(ended.take_log() == c.at_end);
      CHECK(ended.session().free_requests() == 0);
      ClientHarness reset;
      reset.feed(c.input, piece);
      reset.session().on_connection_lost({Code::kIo, Origin::kLocal, "reset", 0, 0, 0});
      CHECK(reset.take_log() == c.at_reset);
      CHECK(reset.session().free_requests() == 0);
      reset.session().on_connection_lost({Code::kIo, Origin::kLocal, "again", 0, 0, 0});
      CHECK(reset.take_log().empty());
    }
  }
}

TEST_CASE("A reason better than a reset is kept") {
  ClientHarness harness;
  harness.session().on_connection_lost({Code::kServerRequiresCertificate, Origin::kServer, "alert", 0, 0, 0});
  CHECK(harness.take_log() == code_word(Code::kServerRequiresCertificate));
}

TEST_CASE("Informational responses are bounded, and heads are") {
  const std::string informational = "HTTP/1.1 103 E\r\n\r\n";
  ClientHarness harness;
  for (int i = 0; i < 16; ++i) harness.feed(informational);
  CHECK(harness.take_log().size() == 16 * 3 + 15 * 3);
  harness.feed(informational);
  CHECK(harness.take_log() == "bad_response");

  ClientHarness endless;
  endless.feed("HTTP/1.1 200 OK\r\nA: ");
  for (int i = 0; i < 65; ++i) endless.feed(std::string(1024, 'x'));
  CHECK(endless.take_log() == "bad_response");
}

TEST_CASE("A cancelled exchange hears nothing more") {
  ClientHarness waiting;
  waiting.session().close_request(waiting.session());
  waiting.feed(kOk);
  waiting.session().on_input_end();
  waiting.session().on_drained();
  CHECK(waiting.take_log().empty());
  CHECK(waiting.session().free_requests() == 0);

  for (const std::size_t piece : kPieces) {
    ClientHarness harness;
    harness.cancel_on_body = true;
    harness.feed("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n" + std::string(50, 'x'), piece);
    CHECK(harness.take_log().size() <= "200 length 50 | body()"s.size() + 50);
    CHECK(harness.session().free_requests() == 0);
    ClientHarness early;
    early.cancel_on_informational = true;
    early.feed("HTTP/1.1 103 E\r\n\r\n" + kOk, piece);
    CHECK(early.take_log() == "103");
  }
}

const std::string kUpgrade =
    "GET /chat HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const std::string kSwitched = "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n";

TEST_CASE("A 101 that names the protocol asked for opens a tunnel, with an end on each side") {
  for (const std::size_t piece : kPieces) {
    ClientHarness harness(kUpgrade, false);
    harness.take_output();
    harness.feed(kSwitched + "early", piece);
    CHECK(harness.take_log() == "101 tunnel | body(early)");
    harness.session().send_body("up");
    CHECK(harness.take_output() == "up");
    harness.session().send_end({});
    CHECK(harness.take_log() == "output end");
    harness.feed("late", piece);
    harness.session().on_input_end();
    CHECK(harness.take_log() == "body(late) | end");
    CHECK(harness.session().free_requests() == 0);
  }
  ClientHarness server_first(kUpgrade, false);
  server_first.feed(kSwitched);
  server_first.session().on_input_end();
  CHECK(server_first.take_log() == "101 tunnel | end");
  server_first.session().on_drained();
  CHECK(server_first.take_log() == "drained");  // its other half goes on
  server_first.session().on_connection_lost({Code::kIo, Origin::kServer, "", 0, 0, 0});
  CHECK(server_first.take_log() == "server_truncated");
}

TEST_CASE("A request for a tunnel that is not granted is an ordinary one, and the connection is kept") {
  ClientHarness harness(kUpgrade, false);
  harness.feed(kOk);
  CHECK(harness.take_log() == "200 length 5 | body(hello) | end");
  CHECK(harness.session().free_requests() == 1);
}

TEST_CASE("A 101 that does not answer what was asked for is refused") {
  for (const char* response : {"HTTP/1.1 101 X\r\n\r\n", "HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n",
                               "HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n"}) {
    ClientHarness harness(kUpgrade, false);
    harness.feed(response);
    CHECK(harness.take_log() == "bad_response");
  }
  ClientHarness unasked;
  unasked.feed(kSwitched);
  CHECK(unasked.take_log() == "bad_response");
}

TEST_CASE("A drained sink is told while the request is under way") {
  ClientHarness harness("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n", false);
  harness.session().on_drained();
  CHECK(harness.take_log() == "drained");
  harness.session().send_body("abc");
  harness.session().send_end({});
  harness.session().on_drained();
  CHECK(harness.take_log().empty());
}

}  // namespace
}  // namespace reseal::http::test
