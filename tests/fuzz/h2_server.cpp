// The HTTP/2 server end against a client that sends anything, with exchanges that answer, pause, abort and take their
// time as the input says. Each request is relayed to an HTTP/1 client of its own: what leaves there must be one request
// that a strict HTTP/1 parser accepts. The order of events is checked, the last call is the last, no memory is left.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lb/http/chunked_decoder.h"
#include "lb/http/h1_client.h"
#include "lb/http/h2_server.h"
#include "lb/http/sanitize.h"
#include "tests/fuzz/fuzz_check.h"
#include "tests/fuzz/h2_input.h"
#include "tests/support/memory_sink.h"

namespace reseal::http {
namespace {

constexpr HeadLimits kRoomy{
    .head_bytes = 1 << 20, .target_bytes = 1 << 20, .fields = 1000, .allow_connect = true};

/// Nothing but one request, which may be incomplete.
void check_request(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::size_t length = find_head_end(bytes, 0);
  FUZZ_CHECK(length != 0);
  BufferPool pool;
  RequestHead head(pool);
  FUZZ_CHECK(parse_request_head(bytes.substr(0, length), kRoomy, head).has_value());
  bytes.remove_prefix(length);
  switch (head.framing.kind) {
    case BodyKind::kNone:
      FUZZ_CHECK(bytes.empty());
      break;
    case BodyKind::kLength:
      FUZZ_CHECK(bytes.size() <= head.framing.length);
      break;
    case BodyKind::kChunked: {
      ChunkedDecoder decoder;
      decoder.reset(Origin::kClient);
      while (!bytes.empty()) {
        FUZZ_CHECK(!decoder.done());
        const auto step = decoder.step(bytes);
        FUZZ_CHECK(step.has_value());
        bytes.remove_prefix(step->consumed);
      }
      break;
    }
    default:
      break;
  }
}

class Exchange final : public RequestEvents, ResponseEvents, ClientSessionEvents {
 public:
  explicit Exchange(BufferPool& pool)
      : request_(pool), response_(pool), local_(pool), to_server_(pool), server_(to_server_, *this) {}

  void start(ResponseWriter& writer) {
    FUZZ_CHECK(writer_ == nullptr && !over_);
    writer_ = &writer;
    drop_hop_by_hop(request_);
    (void)drop_untrusted_fields(request_, UnderscoreFields::kDrop, false);
    // A tunnel's bytes go to a server only when it has agreed.
    server_.open_request().send_head(request_, *this);
  }
  void refuse(ResponseWriter& writer) {
    FUZZ_CHECK(writer_ == nullptr && !over_);
    writer_ = &writer;
    respond(400, {BodyKind::kLength, 2, false});
    send("no");
    end();
  }
  [[nodiscard]] bool can_act() const { return writer_ != nullptr && !over_; }

  void resume() { writer_->resume_request_body(); }
  void pause() { writer_->pause_request_body(); }
  void inform() {
    local_.status = 103;
    writer_->send_informational(local_);
  }
  void respond(int status, const Framing& framing) {
    if (head_sent_) return;
    head_sent_ = true;
    local_.status = status;
    local_.framing = framing;
    local_.upgrade = framing.kind == BodyKind::kTunnel ? request_.upgrade : std::string_view();
    is_tunnel_ = framing.kind == BodyKind::kTunnel;
    writer_->send_head(local_);
  }
  void open_tunnel() {
    if (request_.framing.kind != BodyKind::kTunnel) return;
    respond(request_.upgrade.empty() ? 200 : 101, {BodyKind::kTunnel, 0, false});
  }
  void send(std::string_view data) {
    if (!head_sent_ || response_ended_) return;
    writer_->send_body(data);
    if (!over_) (void)writer_->is_backed_up();
  }
  void end() {
    if (!head_sent_ || response_ended_) return;
    const Field trailers[] = {{FieldName::kOther, false, "X-End", "1"}};
    response_ended_ = true;
    over_ = !is_tunnel_ || request_ended_;
    writer_->send_end(trailers);
  }
  void abort() {
    over_ = true;
    writer_->abort();
  }

  RequestHead& request_head() override { return request_; }
  void on_request_body(std::string_view data) override {
    FUZZ_CHECK(can_act() && !request_ended_ && !data.empty());
    if (request_.framing.kind == BodyKind::kTunnel) {
      FUZZ_CHECK(is_tunnel_);
      return;
    }
    server_.send_body(data);
    if (pauses) pause();
    if (aborts) abort();
  }
  void on_request_end(std::span<Field> trailers) override {
    FUZZ_CHECK(can_act() && !request_ended_);
    request_ended_ = true;
    if (request_.framing.kind != BodyKind::kTunnel) server_.send_end(trailers);
    if (response_ended_) over_ = true;
    if (answers_at_end && !over_) {
      respond(200, {BodyKind::kChunked, 0, false});
      send("answer");
      end();
    }
  }
  void on_request_failed(const Error&) override {
    FUZZ_CHECK(can_act() && !request_ended_);
    if (head_sent_) {
      abort();
    } else {
      respond(400, {BodyKind::kLength, 0, false});
      end();
    }
  }
  void on_client_gone(const Error&) override {
    FUZZ_CHECK(can_act());
    over_ = true;
  }
  void on_response_drained() override {
    FUZZ_CHECK(can_act());
    if (refills > 0) {
      --refills;
      send(std::string(5000, 'r'));
    }
  }

  std::string sent_to_server() { return to_server_.take(); }
  [[nodiscard]] bool is_over() const { return over_ || writer_ == nullptr; }

  bool pauses = false;
  bool aborts = false;
  bool answers_at_end = false;
  int refills = 0;

 private:
  ResponseHead& response_head() override { return response_; }
  void on_informational(ResponseHead&) override {}
  void on_response_head(ResponseHead&) override {}
  void on_response_body(std::string_view) override {}
  void on_response_end(std::span<Field>) override {}
  void on_response_failed(const Error&) override {}
  void on_request_drained() override {}
  void on_output_pending() override {}
  void on_reading_changed() override {}
  void on_output_end() override {}
  void on_capacity_changed() override {}

  RequestHead request_;
  ResponseHead response_;
  ResponseHead local_;
  reseal::test::MemorySink to_server_;
  H1Client server_;
  ResponseWriter* writer_ = nullptr;
  bool head_sent_ = false;
  bool is_tunnel_ = false;
  bool response_ended_ = false;
  bool request_ended_ = false;
  bool over_ = false;
};

class Owner final : public ServerSessionEvents {
 public:
  explicit Owner(BufferPool& pool)
      : pool_(pool), to_client_(pool), session_(to_client_, *this, pool, {.allow_connect = true}, now_) {}

  void run(fuzz::Input& input) {
    session_.feed(fuzz::h2::kPreface + fuzz::h2::settings());
    while (!input.empty()) step(input);
    turn();
    if (!done_) session_.on_connection_lost({Code::kClientGone, Origin::kClient, "gone", 0, 0, 0});
    for (const auto& exchange : exchanges_) {
      FUZZ_CHECK(exchange->is_over());
      check_request(exchange->sent_to_server());
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
        to_client_.take();
        session_.on_drained();
        break;
      case 9:
        now_ += std::chrono::milliseconds(input.byte());
        break;
      case 10:
        session_.look_at_stalls();
        session_.look_at_leftovers();
        break;
      case 11:
        end(input.byte());
        break;
      default:
        if (what > 11) act(input);
        break;
    }
    (void)session_.wants_pause();
    (void)session_.is_idle();
    (void)session_.has_stalled_output();
    (void)session_.has_leftovers();
  }
  void turn() {
    while (std::exchange(output_pending_, false)) session_.write_output();
    if (!keeps_output_) to_client_.take();
  }
  void end(std::uint8_t how) {
    if (how < 8) session_.close_when_idle();
    if (how == 8) session_.on_input_end();
    if (how == 9) session_.refuse({Code::kClientTimeout, Origin::kClient, "late", 0, 0, 0});
    if (how == 10) keeps_output_ = !keeps_output_;
  }
  void act(fuzz::Input& input) {
    if (exchanges_.empty()) return;
    Exchange& exchange = *exchanges_[input.byte() % exchanges_.size()];
    const std::uint8_t what = input.byte();
    exchange.pauses = (what & 0x10) != 0;
    exchange.aborts = (what & 0x60) == 0x60;
    exchange.answers_at_end = (what & 0x80) != 0;
    if (!exchange.can_act()) return;
    switch (what % 10) {
      case 0:
        exchange.resume();
        break;
      case 1:
        exchange.pause();
        break;
      case 2:
        exchange.respond(200, {BodyKind::kChunked, 0, false});
        break;
      case 3:
        exchange.respond(200, {BodyKind::kLength, input.byte(), false});
        break;
      case 4:
        exchange.send(std::string(input.byte() * 64U, 'x'));
        break;
      case 5:
        exchange.end();
        break;
      case 6:
        exchange.abort();
        break;
      case 7:
        exchange.inform();
        break;
      case 8:
        exchange.open_tunnel();
        break;
      default:
        exchange.refills = input.byte();
        break;
    }
  }

  RequestEvents& begin_request() override {
    FUZZ_CHECK(!done_ && begun_ == nullptr);
    exchanges_.push_back(std::make_unique<Exchange>(pool_));
    begun_ = exchanges_.back().get();
    return *begun_;
  }
  void on_request(RequestEvents& request, ResponseWriter& writer) override {
    FUZZ_CHECK(!done_ && begun_ == &request);
    std::exchange(begun_, nullptr)->start(writer);
  }
  void on_bad_request(RequestEvents& request, const Error& error, ResponseWriter& writer) override {
    FUZZ_CHECK(!done_ && begun_ == &request && error.origin == Origin::kClient);
    std::exchange(begun_, nullptr)->refuse(writer);
  }
  void on_response_complete() override { FUZZ_CHECK(!done_); }
  void on_output_end() override { FUZZ_CHECK(false); }
  void on_output_pending() override {
    FUZZ_CHECK(!done_ && !output_pending_);
    output_pending_ = true;
  }
  void on_session_done() override {
    FUZZ_CHECK(!done_);
    done_ = true;
  }
  void on_session_aborted() override { FUZZ_CHECK(false); }

  BufferPool& pool_;
  TimePoint now_{std::chrono::hours(1)};
  reseal::test::MemorySink to_client_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  Exchange* begun_ = nullptr;
  bool output_pending_ = false;
  bool keeps_output_ = false;
  bool done_ = false;
  H2Server session_;
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
