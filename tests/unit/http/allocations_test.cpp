// Steady state allocates nothing: a request is read, sanitized and written, its response too, with operator
// new counted.
#include <catch2/catch.hpp>

#include "lb/http/h1_client.h"
#include "lb/http/h1_server.h"
#include "lb/http/h1_writer.h"
#include "lb/http/sanitize.h"
#include "tests/support/counting_new.h"
#include "tests/support/memory_sink.h"

namespace reseal::http::test {
namespace {

constexpr std::string_view kRequest =
    "GET /api/v1/items/12345?sort=asc HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0 (X11; "
    "Linux x86_64)\r\n"
    "Accept: text/html,application/xhtml+xml\r\nAccept-Encoding: gzip, br\r\nCookie: "
    "session=0123456789abcdef\r\n"
    "Connection: keep-alive\r\nSec-Fetch-Mode: navigate\r\n\r\n";
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: "
    "5\r\n"
    "Set-Cookie: a=b\r\n\r\nhello";

/// One exchange from a client to a server and back: what lb/proxy does, without choosing and without sockets.
class Relay final : public ServerSessionEvents, RequestEvents, ResponseEvents, ClientSessionEvents {
 public:
  Relay() : to_client_(pool_), to_server_(pool_), request_(pool_), response_(pool_) {}

  void run() {
    client_side_.feed(kRequest);
    consume(to_server_);
    server_side_.feed(kResponse);
    consume(to_client_);
  }
  int completed = 0;

 private:
  static void consume(reseal::test::MemorySink& sink) { sink.output().clear(); }

  RequestEvents& begin_request() override {
    request_.reset();
    return *this;
  }
  RequestHead& request_head() override { return request_; }
  void on_request(RequestEvents&, ResponseWriter& writer) override {
    RequestHead& head = request_;
    writer_ = &writer;
    drop_hop_by_hop(head);
    (void)drop_untrusted_fields(head, UnderscoreFields::kDrop, false);
    server_side_.send_head(head, *this);
  }
  void on_bad_request(RequestEvents&, const Error&, ResponseWriter&) override { FAIL("bad request"); }
  void on_response_complete() override { ++completed; }
  void on_output_end() override {}
  void on_output_pending() override {}
  void on_reading_changed() override {}
  void on_capacity_changed() override {}
  void on_session_done() override {}
  void on_session_aborted() override {}
  void on_request_body(std::string_view) override {}
  void on_request_end(std::span<Field> trailers) override { server_side_.send_end(trailers); }
  void on_request_failed(const Error&) override {}
  void on_client_gone(const Error&) override {}
  void on_response_drained() override {}
  ResponseHead& response_head() override {
    response_.reset();
    return response_;
  }
  void on_informational(ResponseHead&) override {}
  void on_response_head(ResponseHead& head) override {
    drop_hop_by_hop(head);
    writer_->send_head(head);
  }
  void on_response_body(std::string_view data) override { writer_->send_body(data); }
  void on_response_end(std::span<Field> trailers) override { writer_->send_end(trailers); }
  void on_response_failed(const Error&) override { FAIL("response failed"); }
  void on_request_drained() override {}

  BufferPool pool_;
  reseal::test::MemorySink to_client_;
  reseal::test::MemorySink to_server_;
  RequestHead request_;
  ResponseHead response_;
  H1Server client_side_{to_client_, *this, {}};
  H1Client server_side_{to_server_, *this};
  ResponseWriter* writer_ = nullptr;
};

TEST_CASE("A request on a warm connection allocates nothing") {
  Relay relay;
  for (int i = 0; i < 3; ++i) relay.run();
  const std::size_t before = reseal::test::allocations();
  REQUIRE(before > 0);  // the counter counts
  for (int i = 0; i < 100; ++i) relay.run();
  const std::size_t after = reseal::test::allocations();
  CHECK(relay.completed == 103);
  CHECK(after - before == 0);
}

}  // namespace
}  // namespace reseal::http::test
