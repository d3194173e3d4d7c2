// The client side of HTTP/1.x: requests in, responses out, one at a time and in order. Sans I/O: the owner
// feeds bytes and flushes the sink.
//
// Request:   kHead ──head──► kBody ──end──► kComplete ──response complete──► kHead
//            kHead, kBody ──malformed──► kRefused
// Response:  kNone ──on_request──► kPending ──send_head──► kBody ──send_end──► kNone
//            in a tunnel whose request goes on: kBody ──send_end──► kEnded ──request's end──► kNone
// Session:   ends (on_session_done) when it is to close and no response is under way; aborts when one is cut short.
// While the sink is backed up no further request is begun.
//
// Owner: the client connection. Single thread. An idle session holds no buffer.
#pragma once

#include <string>
#include <string_view>

#include "lb/base/byte_sink.h"
#include "lb/http/chunked_decoder.h"
#include "lb/http/exchange_ends.h"
#include "lb/http/h1_parser.h"
#include "lb/http/server_session.h"

namespace reseal::http {

class H1Server final : public ServerSession, public ResponseWriter {
 public:
  /// `out` and `events` are borrowed and outlive the session.
  H1Server(ByteSink& out, ServerSessionEvents& events, const HeadLimits& limits);

  // ServerSession
  void feed(std::string_view bytes) override;
  void on_input_end() override;
  void on_input_ended_early() override;
  void on_connection_lost(const Error& error) override;
  void on_drained() override;
  void write_output() override {}
  void refuse(const Error& error) override;
  void close_when_idle() override;
  [[nodiscard]] bool wants_pause() const override;
  [[nodiscard]] bool waits_for_server() const override {
    return exchange_ != nullptr && exchange_->waits_for_server();
  }
  [[nodiscard]] bool is_idle() const override {
    return request_ == RequestState::kHead && !in_response() && buffer_.empty();
  }
  [[nodiscard]] bool is_reading_head() const override {
    return request_ == RequestState::kHead && !in_response() && !buffer_.empty();
  }
  [[nodiscard]] bool has_stalled_output() const override { return false; }
  void look_at_stalls() override {}

  // ResponseWriter
  void send_informational(const ResponseHead& head) override;
  void send_head(const ResponseHead& head) override;
  void send_body(std::string_view data) override;
  void send_end(std::span<const Field> trailers) override;
  void abort() override;
  void close_after_response() override {
    closing_ = true;
    if (response_kind_ == BodyKind::kTunnel) request_ = RequestState::kComplete;
  }
  [[nodiscard]] bool is_backed_up() const override { return out_.is_backed_up(); }
  void pause_request_body() override { body_paused_ = true; }
  void resume_request_body() override;

 private:
  enum class RequestState : std::uint8_t { kHead, kBody, kComplete, kRefused };
  enum class ResponseState : std::uint8_t { kNone, kPending, kBody, kEnded };

  [[nodiscard]] bool in_response() const { return response_ != ResponseState::kNone; }
  void run_buffer();
  void drop_buffer();
  std::size_t process(std::string_view bytes);
  std::size_t process_head(std::string_view bytes);
  std::size_t process_body(std::string_view bytes);
  std::size_t process_length(std::string_view bytes);
  std::size_t process_chunked(std::string_view bytes);
  void begin(std::string_view head_bytes);
  void request_complete(std::span<Field> trailers);
  void request_failed(const Error& error);
  void check_input_end();
  void decide_tunnel(const ResponseHead& head);
  void finish_response();
  void finish_message();
  void end_session();

  ByteSink& out_;
  ServerSessionEvents& events_;
  const HeadLimits limits_;
  std::string buffer_;           // bytes fed and not yet used; no memory while empty
  std::size_t buffer_used_ = 0;  // its first bytes that are used up: many small requests do not move it each
  RequestEvents* exchange_ = nullptr;
  ChunkedDecoder chunked_;
  std::size_t scanned_ = 0;          // of the head being waited for
  std::uint64_t request_left_ = 0;   // body bytes still to come (kLength)
  std::uint64_t response_left_ = 0;  // body bytes still to be sent (kLength)
  RequestState request_ = RequestState::kHead;
  ResponseState response_ = ResponseState::kNone;
  BodyKind request_kind_ = BodyKind::kNone;
  BodyKind response_kind_ = BodyKind::kNone;
  bool is_http10_ = false;
  bool is_head_request_ = false;
  bool body_paused_ = false;
  bool closing_ = false;  // the connection ends after the response under way
  bool input_ended_ = false;
  bool processing_ = false;  // process() is on the stack
  bool ended_ = false;
};

}  // namespace reseal::http
