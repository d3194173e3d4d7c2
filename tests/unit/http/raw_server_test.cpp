#include "lb/http/raw_server.h"

#include <catch2/catch.hpp>
#include <string>

#include "lb/base/buffer_pool.h"
#include "tests/support/memory_sink.h"

using namespace reseal;
using namespace reseal::http;
using reseal::test::MemorySink;

namespace {

/// The connection and the exchange of one client, and what they hear.
class Client final : public ServerSessionEvents, public RequestEvents {
 public:
  explicit Client(BufferPool& pool) : head_(pool) {}

  RequestEvents& begin_request() override { return *this; }
  void on_request(RequestEvents&, ResponseWriter& writer) override {
    if (closes_at_once) writer.close_after_response();
  }
  void on_bad_request(RequestEvents&, const Error&, ResponseWriter&) override {}
  void on_response_complete() override {}
  void on_output_end() override {}
  void on_output_pending() override {}
  void on_session_done() override { ++done; }
  void on_session_aborted() override {}

  RequestHead& request_head() override { return head_; }
  void on_request_body(std::string_view data) override { body += data; }
  void on_request_end(std::span<Field>) override {}
  void on_request_failed(const Error&) override {}
  void on_client_ended() override {}
  void on_client_gone(const Error&) override { ++gone; }
  void on_response_drained() override {}
  bool closes_at_once = false;
  std::string body;
  int done = 0, gone = 0;

 private:
  RequestHead head_;
};

ResponseHead& tunnel(ResponseHead& head) {
  head.framing.kind = BodyKind::kTunnel;
  return head;
}

}  // namespace

TEST_CASE("a tunnel that is to be the last of its connection takes what its client sends") {
  BufferPool pool;
  MemorySink out(pool);
  Client client(pool);
  client.closes_at_once = true;
  RawServer session(out, client);
  session.begin("");
  ResponseHead head(pool);
  session.send_head(tunnel(head));
  session.resume_request_body();
  session.feed("hello");
  CHECK(client.body == "hello");
}

TEST_CASE("a tunnel that is given up after its server has ended is over") {
  BufferPool pool;
  MemorySink out(pool);
  Client client(pool);
  RawServer session(out, client);
  session.begin("");
  ResponseHead head(pool);
  session.send_head(tunnel(head));
  session.send_end({});
  CHECK(client.done == 0);  // the client may go on
  session.close_after_response();
  session.send_end({});
  CHECK(client.done == 1);
  session.on_connection_lost({});
  CHECK(client.gone == 0);  // nobody is there any more who would have to hear of it
}
