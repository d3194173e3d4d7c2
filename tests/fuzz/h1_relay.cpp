// A relay of the two sessions, as in the proxy but without choosing a server: bytes of a client on one side,
// bytes of a server on the other. Whatever they are, what leaves towards the server is a row of complete,
// strictly valid requests, and the head that leaves says the same as the head that came.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "lb/http/chunked_decoder.h"
#include "lb/http/h1_client.h"
#include "lb/http/h1_server.h"
#include "lb/http/h1_writer.h"
#include "lb/http/sanitize.h"
#include "tests/support/memory_sink.h"

namespace reseal::http {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// Written and read again, a head is the same.
void check_round_trip(const RequestHead& head) {
  BufferPool pool;
  reseal::test::MemorySink sink(pool);
  write_request_head(head, sink.output());
  const std::string text = sink.take();
  require(find_head_end(text, 0) == text.size());
  RequestHead again(pool);
  const Result<void> parsed =
      parse_request_head(text, {.head_bytes = 1 << 20, .target_bytes = 1 << 20, .fields = 1000}, again);
  require(parsed.has_value());
  require(again.method_text == head.method_text && again.target == head.target &&
          again.authority == head.authority);
  require(again.framing.kind == head.framing.kind && again.framing.length == head.framing.length);
  std::size_t next = 1;  // Host comes first
  for (const Field& field : head.fields) {
    if (field.drop || field.id == FieldName::kHost) continue;
    require(next < again.fields.size());
    require(again.fields[next].name == field.name && again.fields[next].value == field.value);
    ++next;
  }
}

class Relay final : public ServerSessionEvents, RequestEvents, ResponseEvents, ClientSessionEvents {
 public:
  void from_client(std::string_view bytes) {
    client_side_.feed(bytes);
    const std::string sent = to_server_.take();
    if (!tunnel_) requests_ += sent;
    to_client_.take();
  }
  void from_server(std::string_view bytes) {
    server_side_.feed(bytes);
    const std::string sent = to_server_.take();
    if (!tunnel_) requests_ += sent;
    to_client_.take();
  }
  void client_ends() { client_side_.on_input_end(); }
  void server_ends() { server_side_.on_input_end(); }
  const std::string& requests() const { return requests_; }

 private:
  RequestEvents& begin_request() override {
    require(!in_exchange_);
    request_.reset();
    return *this;
  }
  RequestHead& request_head() override { return request_; }
  void on_request(RequestEvents&, ResponseWriter& writer) override {
    RequestHead& head = request_;
    writer_ = &writer;
    in_exchange_ = true;
    tunnel_ = request_ended_ = response_ended_ = false;
    drop_hop_by_hop(head);
    (void)drop_untrusted_fields(head, UnderscoreFields::kDrop, false);
    if (head.authority.empty()) head.authority = "h";
    check_round_trip(head);
    if (broken_) {
      answer(503);
      return;
    }
    server_side_.send_head(head, *this);
    if (head.framing.kind != BodyKind::kTunnel) writer.resume_request_body();
  }
  void on_bad_request(RequestEvents&, const Error&, ResponseWriter& writer) override {
    writer_ = &writer;
    in_exchange_ = true;
    answer(400);
  }
  void on_response_complete() override { require(!in_exchange_); }
  void on_output_end() override {}
  void on_output_pending() override {}
  void on_reading_changed() override {}
  void on_capacity_changed() override {}
  void on_session_done() override { done_ = true; }
  void on_session_aborted() override { done_ = true; }

  void on_request_body(std::string_view data) override {
    require(in_exchange_ && !data.empty());
    server_side_.send_body(data);
  }
  void on_request_end(std::span<Field> trailers) override {
    require(in_exchange_);
    server_side_.send_end(trailers);
    request_ended_ = true;
    if (tunnel_ && response_ended_) in_exchange_ = false;
  }
  void on_request_failed(const Error&) override {
    give_up();
    if (head_sent_) {
      in_exchange_ = false;
      writer_->abort();
    } else {
      answer(400);
    }
  }
  void on_client_gone(const Error&) override { give_up(); }
  void on_response_drained() override {}

  ResponseHead& response_head() override {
    response_.reset();
    return response_;
  }
  void on_informational(ResponseHead& head) override {
    drop_hop_by_hop(head);
    writer_->send_informational(head);
  }
  void on_response_head(ResponseHead& head) override {
    require(in_exchange_ && !head_sent_);
    drop_hop_by_hop(head);
    head_sent_ = true;
    tunnel_ = head.framing.kind == BodyKind::kTunnel;
    require(!tunnel_ || request_.framing.kind == BodyKind::kTunnel);
    writer_->send_head(head);
    if (tunnel_) writer_->resume_request_body();
  }
  void on_response_body(std::string_view data) override { writer_->send_body(data); }
  void on_response_end(std::span<Field> trailers) override {
    response_ended_ = true;
    if (tunnel_ && !request_ended_) {
      writer_->send_end(trailers);
      return;
    }
    in_exchange_ = head_sent_ = false;
    if (server_side_.free_requests() == 0) broken_ = true;
    writer_->send_end(trailers);
  }
  void on_response_failed(const Error&) override {
    broken_ = true;
    if (head_sent_) {
      in_exchange_ = head_sent_ = false;
      writer_->abort();
    } else {
      answer(502);
    }
  }
  void on_request_drained() override {}

  void give_up() {
    broken_ = true;
    server_side_.close_request(server_side_);
  }
  void answer(int status) {
    local_.reset();
    local_.status = status;
    local_.framing = {BodyKind::kLength, 0, false};
    in_exchange_ = head_sent_ = false;
    writer_->send_head(local_);
    writer_->send_end({});
  }

  BufferPool pool_;
  reseal::test::MemorySink to_client_{pool_};
  reseal::test::MemorySink to_server_{pool_};
  RequestHead request_{pool_};
  ResponseHead response_{pool_};
  ResponseHead local_{pool_};
  H1Server client_side_{to_client_, *this, {}};
  H1Client server_side_{to_server_, *this};
  ResponseWriter* writer_ = nullptr;
  std::string requests_;
  bool in_exchange_ = false;
  bool tunnel_ = false;
  bool request_ended_ = false;
  bool response_ended_ = false;
  bool head_sent_ = false;
  bool broken_ = false;  // the server's connection cannot be used again
  bool done_ = false;
};

/// Reads on as a strict server would; the last request may be incomplete.
void check_requests(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = find_head_end(bytes, 0);
    require(length != 0);
    BufferPool pool;
    RequestHead head(pool);
    require(parse_request_head(bytes.substr(0, length),
                               {.head_bytes = 1 << 20, .target_bytes = 1 << 20, .fields = 1000}, head)
                .has_value());
    bytes.remove_prefix(length);
    if (head.framing.kind == BodyKind::kLength) {
      bytes.remove_prefix(std::min<std::uint64_t>(bytes.size(), head.framing.length));
    } else if (head.framing.kind == BodyKind::kChunked) {
      ChunkedDecoder decoder;
      decoder.reset(Origin::kClient);
      while (!bytes.empty() && !decoder.done()) {
        const auto step = decoder.step(bytes);
        require(step.has_value());
        bytes.remove_prefix(step->consumed);
      }
    }
  }
}

}  // namespace
}  // namespace reseal::http

/// The input: runs of "side and length, bytes". The high bit of the first byte says from which side, the rest
/// how many bytes; none at all means that side ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reseal::http::Relay relay;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const auto tag = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    const std::string run(rest.substr(0, tag & 0x7f));  // a copy: a view kept too long is found
    rest.remove_prefix(run.size());
    const bool server = (tag & 0x80) != 0;
    if (run.empty()) {
      server ? relay.server_ends() : relay.client_ends();
    } else {
      server ? relay.from_server(run) : relay.from_client(run);
    }
  }
  reseal::http::check_requests(relay.requests());
  return 0;
}
