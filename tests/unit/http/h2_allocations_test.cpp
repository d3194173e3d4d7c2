// Steady state allocates nothing but what nghttp2 does by itself (with malloc, which is not counted): many requests at a
// time from an HTTP/2 client to an HTTP/2 server and back.
#include <catch2/catch.hpp>

#include <array>

#include "lb/http/h2_client.h"
#include "lb/http/h2_server.h"
#include "lb/http/sanitize.h"
#include "tests/support/counting_new.h"
#include "tests/support/h2_frames.h"
#include "tests/support/memory_sink.h"

namespace reseal::http::test {
namespace {

namespace h2 = reseal::test::h2;
constexpr std::size_t kAtOnce = 8;

/// One exchange from an HTTP/2 client to an HTTP/2 server: what lb/proxy does, without choosing and without sockets.
class Exchange final : public RequestEvents, public ResponseEvents {
 public:
  Exchange(BufferPool& pool, H2Client& client) : client_(client), request_(pool), response_(pool) {}
  void start(ResponseWriter& writer) {
    client_side_ = &writer;
    drop_hop_by_hop(request_);
    (void)drop_untrusted_fields(request_, UnderscoreFields::kDrop, false);
    server_side_ = &client_.open_request();
    server_side_->send_head(request_, *this);
  }

  RequestHead& request_head() override {
    request_.reset();
    return request_;
  }
  void on_request_body(std::string_view data) override { server_side_->send_body(data); }
  void on_request_end(std::span<Field> trailers) override { server_side_->send_end(trailers); }
  void on_request_failed(const Error&) override { FAIL("request failed"); }
  void on_client_gone(const Error&) override { FAIL("client gone"); }
  void on_response_drained() override {}
  ResponseHead& response_head() override { return response_; }
  void on_informational(ResponseHead&) override {}
  void on_response_head(ResponseHead& head) override {
    drop_hop_by_hop(head);
    client_side_->send_head(head);
  }
  void on_response_body(std::string_view data) override { client_side_->send_body(data); }
  void on_response_end(std::span<Field> trailers) override {
    client_.close_request(*server_side_);
    client_side_->send_end(trailers);
    free = true;
  }
  void on_response_failed(const Error& error) override { FAIL("response failed: " << describe(error)); }
  void on_request_drained() override {}

  bool free = true;

 private:
  H2Client& client_;
  RequestHead request_;
  ResponseHead response_;
  ResponseWriter* client_side_ = nullptr;
  RequestWriter* server_side_ = nullptr;
};

class Relay final : public ServerSessionEvents, ClientSessionEvents {
 public:
  Relay() {
    for (auto& exchange : exchanges_) exchange = std::make_unique<Exchange>(pool_, client_);
    const std::string windows = h2::window_update(0, 1 << 30);
    server_.feed(h2::kPreface + h2::settings() + h2::settings_ack() + windows);
    client_.feed(h2::settings() + h2::settings_ack() + windows);
    turn();
  }
  /// So many requests at once, the bytes of both peers given.
  void run(const std::string& requests, const std::string& responses) {
    server_.feed(requests);
    turn();
    client_.feed(responses);
    turn();
  }
  int completed = 0;

 private:
  void turn() {
    client_.write_output();
    server_.write_output();
    to_client_.output().clear();
    to_server_.output().clear();
  }
  RequestEvents& begin_request() override {
    for (auto& exchange : exchanges_) {
      if (std::exchange(exchange->free, false)) return *exchange;
    }
    FAIL("no exchange left");
    return *exchanges_.front();
  }
  void on_request(RequestEvents& request, ResponseWriter& writer) override {
    static_cast<Exchange&>(request).start(writer);
    writer.resume_request_body();
  }
  void on_bad_request(RequestEvents&, const Error&, ResponseWriter&) override { FAIL("bad request"); }
  void on_response_complete() override { ++completed; }
  void on_output_end() override {}
  void on_output_pending() override {}
  void on_session_done() override {}
  void on_session_aborted() override {}
  void on_reading_changed() override {}
  void on_capacity_changed() override {}

  BufferPool pool_;
  TimePoint now_{std::chrono::hours(1)};
  reseal::test::MemorySink to_client_{pool_};
  reseal::test::MemorySink to_server_{pool_};
  H2Server server_{to_client_, static_cast<ServerSessionEvents&>(*this), pool_, {}, now_};
  H2Client client_{to_server_, static_cast<ClientSessionEvents&>(*this), pool_, "https", now_};
  std::array<std::unique_ptr<Exchange>, kAtOnce> exchanges_;
};

TEST_CASE("A request on a warm HTTP/2 connection allocates nothing of ours") {
  const int rounds = 120;
  std::vector<std::string> requests;
  std::vector<std::string> responses;
  std::uint32_t id = 1;
  for (int round = 0; round < rounds; ++round) {
    std::string request;
    std::string response;
    for (std::size_t i = 0; i < kAtOnce; ++i, id += 2) {
      const bool upload = i % 2 == 1;
      const h2::Fields more = {
          {"user-agent", "Mozilla/5.0"}, {"x-own", "v"}, {"cookie", "a=1"}, {"cookie", "b=2"}};
      request += h2::headers(id, upload ? h2::post("/path", more) : h2::get("/path", more),
                             upload ? 0 : h2::kEndStream);
      if (upload) request += h2::data(id, std::string(1000, 'u'), h2::kEndStream);
      response += h2::headers(
          id, {{":status", "200"}, {"content-length", "1000"}, {"server", "s"}, {"x-own", "v"}}, 0);
      response += h2::data(id, std::string(1000, 'd'), h2::kEndStream);
    }
    requests.push_back(request);
    responses.push_back(response);
  }
  Relay relay;
  for (int round = 0; round < 20; ++round)
    relay.run(requests[static_cast<std::size_t>(round)], responses[static_cast<std::size_t>(round)]);
  const std::size_t before = reseal::test::allocations();
  REQUIRE(before > 0);  // the counter counts
  for (int round = 20; round < rounds; ++round)
    relay.run(requests[static_cast<std::size_t>(round)], responses[static_cast<std::size_t>(round)]);
  const std::size_t after = reseal::test::allocations();
  CHECK(relay.completed == rounds * static_cast<int>(kAtOnce));
  CHECK(after - before == 0);
}

}  // namespace
}  // namespace reseal::http::test
