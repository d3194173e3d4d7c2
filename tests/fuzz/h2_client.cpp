// The HTTP/2 client end against a server that sends anything, with exchanges that send, pause and give up as the input
// says. Every response that is told is checked to be one that HTTP/1 could pass on; the order of events is checked, and
// that nobody is told anything after the last call.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lb/http/h1_parser.h"
#include "lb/http/h1_writer.h"
#include "lb/http/h2_client.h"
#include "lb/http/sanitize.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/h2_input.h"
#include "tests/support/memory_sink.h"

namespace reseal::http {
namespace {

constexpr HeadLimits kRoomy{.head_bytes = 1 << 20, .target_bytes = 0, .fields = 1000};

/// Written as HTTP/1, the head is read again by a strict parser, and says the same.
void check_response(const ResponseHead& head, Method method) {
  BufferPool pool;
  reseal::test::MemorySink sink(pool);
  write_response_head(head, head.framing, {}, sink.output());
  const std::string text = sink.take();
  FUZZ_CHECK(find_head_end(text, 0) == text.size());
  ResponseHead again(pool);
  FUZZ_CHECK(parse_response_head(text, kRoomy, method, again).has_value());
  FUZZ_CHECK(again.status == head.status);
  if (head.framing.kind != BodyKind::kTunnel && head.status >= 200) {
    FUZZ_CHECK(again.framing.kind == head.framing.kind && again.framing.length == head.framing.length);
  }
}

class Exchange final : public ResponseEvents {
 public:
  Exchange(BufferPool& pool, H2Client& session, std::string_view request)
      : session_(session), request_(pool), response_(pool) {
    FUZZ_CHECK(
        parse_request_head(request_.arena.copy(request), {.allow_connect = true}, request_).has_value());
    writer_ = &session.open_request();
    writer_->send_head(request_, *this);
  }

  [[nodiscard]] bool is_open() const { return writer_ != nullptr; }
  void send(std::string_view data) {
    if (request_ended_ || told_last_) return;
    writer_->send_body(data);
    (void)writer_->is_backed_up();
  }
  void end() {
    if (std::exchange(request_ended_, true) || told_last_) return;
    if (response_ended_) told_last_ = true;
    const Field trailers[] = {{FieldName::kOther, false, "X-End", "1"}};
    writer_->send_end(trailers);
  }
  void pause() { writer_->pause_response(); }
  void resume() { writer_->resume_response(); }
  void close() {
    told_last_ = true;
    session_.close_request(*std::exchange(writer_, nullptr));
  }

  bool pauses = false;
  bool closes_at_head = false;
  bool closes_at_body = false;
  bool closes_at_end = false;

 private:
  ResponseHead& response_head() override {
    FUZZ_CHECK(!told_last_);
    return response_;
  }
  void on_informational(ResponseHead& head) override {
    FUZZ_CHECK(!told_last_ && !head_told_ && head.status < 200);
    drop_hop_by_hop(head);
    check_response(head, request_.method);
  }
  void on_response_head(ResponseHead& head) override {
    FUZZ_CHECK(!told_last_ && !std::exchange(head_told_, true));
    drop_hop_by_hop(head);
    check_response(head, request_.method);
    left_ = head.framing.length;
    kind_ = head.framing.kind;
    FUZZ_CHECK(kind_ != BodyKind::kUntilClose);
    if (request_.framing.kind == BodyKind::kTunnel && kind_ != BodyKind::kTunnel) request_ended_ = true;
    if (closes_at_head) close();
  }
  void on_response_body(std::string_view data) override {
    FUZZ_CHECK(!told_last_ && head_told_ && !response_ended_ && kind_ != BodyKind::kNone && !data.empty());
    if (kind_ == BodyKind::kLength) {
      FUZZ_CHECK(data.size() <= left_);
      left_ -= data.size();
    }
    if (pauses) pause();
    if (closes_at_body) close();
  }
  void on_response_end(std::span<Field>) override {
    FUZZ_CHECK(!told_last_ && head_told_ && !std::exchange(response_ended_, true));
    FUZZ_CHECK(kind_ != BodyKind::kLength || left_ == 0);
    const bool request_goes_on = kind_ == BodyKind::kTunnel && !request_ended_;
    told_last_ = !request_goes_on;
    if (closes_at_end) close();
  }
  void on_response_failed(const Error& error) override {
    FUZZ_CHECK(!told_last_ && error.origin == Origin::kServer);
    told_last_ = true;
  }
  void on_request_drained() override { FUZZ_CHECK(!told_last_); }

  H2Client& session_;
  RequestHead request_;
  ResponseHead response_;
  RequestWriter* writer_ = nullptr;
  std::uint64_t left_ = 0;
  BodyKind kind_ = BodyKind::kNone;
  bool head_told_ = false;
  bool request_ended_ = false;
  bool response_ended_ = false;
  bool told_last_ = false;
};

class Owner final : public ClientSessionEvents {
 public:
  explicit Owner(BufferPool& pool)
      : pool_(pool), to_server_(pool), session_(to_server_, *this, pool, "https", now_) {}

  void run(fuzz::Input& input) {
    session_.feed(fuzz::h2::settings({{8, 1}}));
    while (!input.empty()) step(input);
    turn();
    session_.on_connection_lost({Code::kIo, Origin::kServer, "reset", 0, 0, 0});
    FUZZ_CHECK(session_.free_requests() == 0);
    for (const auto& exchange : exchanges_) {
      if (exchange->is_open()) exchange->resume();
      if (exchange->is_open()) exchange->close();
    }
  }

 private:
  void step(fuzz::Input& input) {
    const auto what = static_cast<std::uint8_t>(input.byte() % 16);
    if (what < fuzz::Input::kPeerSteps) session_.feed(input.from_peer(what));
    switch (what) {
      case 7:
        turn();
        break;
      case 8:
        to_server_.take();
        session_.on_drained();
        break;
      case 9:
        now_ += std::chrono::milliseconds(input.byte());
        break;
      case 10:
      case 11:
        begin(input.byte());
        break;
      default:
        if (what > 11) act(input);
        break;
    }
    (void)session_.wants_pause();
    (void)session_.can_upgrade();
  }
  void turn() {
    while (std::exchange(output_pending_, false)) session_.write_output();
    to_server_.take();
  }
  void begin(std::uint8_t which) {
    static constexpr std::string_view kRequests[] = {
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: h\r\nTE: trailers\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "
        "a\r\n\r\n",
        "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n"};
    if (session_.free_requests() == 0 || exchanges_.size() > 40) return;
    exchanges_.push_back(
        std::make_unique<Exchange>(pool_, session_, kRequests[which % std::size(kRequests)]));
    if (which < 128) turn();
  }
  void act(fuzz::Input& input) {
    if (exchanges_.empty()) return;
    Exchange& exchange = *exchanges_[input.byte() % exchanges_.size()];
    if (!exchange.is_open()) return;
    const std::uint8_t what = input.byte();
    exchange.pauses = (what & 0x08) != 0;
    exchange.closes_at_head = (what & 0xf0) == 0x10;
    exchange.closes_at_body = (what & 0xf0) == 0x20;
    exchange.closes_at_end = (what & 0xf0) == 0x30;
    switch (what % 6) {
      case 0:
        exchange.send(std::string(input.byte() * 64U, 'x'));
        break;
      case 1:
        exchange.end();
        break;
      case 2:
        exchange.pause();
        break;
      case 3:
        exchange.resume();
        break;
      case 4:
        exchange.close();
        break;
      default:
        break;
    }
  }

  void on_output_pending() override {
    FUZZ_CHECK(!output_pending_);
    output_pending_ = true;
  }
  void on_reading_changed() override {}
  void on_output_end() override { FUZZ_CHECK(false); }
  void on_capacity_changed() override {}

  BufferPool& pool_;
  TimePoint now_{std::chrono::hours(1)};
  reseal::test::MemorySink to_server_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  bool output_pending_ = false;
  H2Client session_;
};

}  // namespace
}  // namespace reseal::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reseal::BufferPool pool;
  {
    reseal::fuzz::Input input(data, size);
    reseal::http::Owner owner(pool);
    owner.run(input);
  }
  FUZZ_CHECK(pool.in_use() == 0);
  return 0;
}
