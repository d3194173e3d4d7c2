// One HTTP/1 exchange from a client to a server and back: what lb/proxy does, without choosing and without sockets.
// Shared by the test that counts allocations and the benchmark. Single thread.
#pragma once

#include <span>
#include <string_view>

#include "lb/http/h1_client.h"
#include "lb/http/h1_server.h"
#include "lb/http/sanitize.h"
#include "tests/support/memory_sink.h"

namespace reseal::test {

/// `request` and `response` are whole messages; the views must outlive the relay.
class H1Relay final : http::ServerSessionEvents,
                      http::RequestEvents,
                      http::ResponseEvents,
                      http::ClientSessionEvents {
 public:
  H1Relay(std::string_view request, std::string_view response)
      : request_bytes_(request), response_bytes_(response) {}

  void run() {
    client_side_.feed(request_bytes_);
    consume(to_server_);
    server_side_.feed(response_bytes_);
    consume(to_client_);
  }

  int completed = 0;
  int failed = 0;

 private:
  static void consume(MemorySink& sink) { sink.output().clear(); }

  http::RequestEvents& begin_request() override {
    request_.reset();
    return *this;
  }
  http::RequestHead& request_head() override { return request_; }
  void on_request(http::RequestEvents&, http::ResponseWriter& writer) override {
    http::RequestHead& head = request_;
    writer_ = &writer;
    http::drop_hop_by_hop(head);
    (void)http::drop_untrusted_fields(head, http::UnderscoreFields::kDrop, false);
    server_side_.send_head(head, *this);
  }
  void on_bad_request(http::RequestEvents&, const Error&, http::ResponseWriter&) override { ++failed; }
  void on_response_complete() override { ++completed; }
  void on_output_end() override {}
  void on_output_pending() override {}
  void on_reading_changed() override {}
  void on_capacity_changed() override {}
  void on_session_done() override {}
  void on_session_aborted() override {}
  void on_request_body(std::string_view) override {}
  void on_request_end(std::span<http::Field> trailers) override { server_side_.send_end(trailers); }
  void on_request_failed(const Error&) override {}
  void on_client_gone(const Error&) override {}
  void on_response_drained() override {}
  http::ResponseHead& response_head() override {
    response_.reset();
    return response_;
  }
  void on_informational(http::ResponseHead&) override {}
  void on_response_head(http::ResponseHead& head) override {
    http::drop_hop_by_hop(head);
    writer_->send_head(head);
  }
  void on_response_body(std::string_view data) override { writer_->send_body(data); }
  void on_response_end(std::span<http::Field> trailers) override { writer_->send_end(trailers); }
  void on_response_failed(const Error&) override { ++failed; }
  void on_request_drained() override {}

  BufferPool pool_;
  const std::string_view request_bytes_;
  const std::string_view response_bytes_;
  MemorySink to_client_{pool_};
  MemorySink to_server_{pool_};
  http::RequestHead request_{pool_};
  http::ResponseHead response_{pool_};
  http::H1Server client_side_{to_client_, *this, {}};
  http::H1Client server_side_{to_server_, *this};
  http::ResponseWriter* writer_ = nullptr;
};

}  // namespace reseal::test
