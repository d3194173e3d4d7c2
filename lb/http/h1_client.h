// The server side of HTTP/1.1: one request out, its response in, then the next. Sans I/O: the owner feeds
// bytes and flushes the sink.
//
//   kIdle ──send_head──► kHead ──final head──► kBody ──end──► kIdle        any ──malformed / lost──► kBroken
//                          └─ 1xx: stays
//
// Owner: a server connection. Single thread. An idle session holds no buffer.
#pragma once

#include <string>
#include <string_view>

#include "lb/base/byte_sink.h"
#include "lb/http/chunked_decoder.h"
#include "lb/http/client_session.h"
#include "lb/http/h1_parser.h"

namespace reseal::http {

class H1Client final : public ClientSession, public RequestWriter {
 public:
  /// `out` and `owner` are borrowed and outlive the session.
  H1Client(ByteSink& out, ClientSessionEvents& owner) : out_(out), owner_(owner) {}

  // RequestWriter
  void send_head(const RequestHead& head, ResponseEvents& events) override;
  void send_body(std::string_view data) override;
  void send_end(std::span<const Field> trailers) override;
  [[nodiscard]] bool is_backed_up() const override { return out_.is_backed_up(); }
  void pause_response() override;
  void resume_response() override;

  // ClientSession
  [[nodiscard]] std::uint32_t free_requests() const override { return is_reusable() ? 1 : 0; }
  [[nodiscard]] bool can_upgrade() const override { return true; }
  RequestWriter& open_request() override { return *this; }
  bool close_request(RequestWriter& writer) override;
  void feed(std::string_view bytes) override;
  void on_input_end() override;
  void on_connection_lost(const Error& error) override;
  void on_drained() override;
  void write_output() override {}
  [[nodiscard]] bool wants_pause() const override { return paused_; }

 private:
  enum class State : std::uint8_t { kIdle, kHead, kBody, kBroken };

  /// Request and response are complete, both sides keep the connection, and no byte too many has come.
  [[nodiscard]] bool is_reusable() const {
    // Within process() the buffer is about to be emptied; bytes too many have cleared keep_alive_ by then.
    const bool nothing_left = processing_ || buffer_.empty();
    return state_ == State::kIdle && request_complete_ && keep_alive_ && !input_ended_ && nothing_left;
  }
  void run_buffer();
  bool accept_head(ResponseHead& head);
  std::size_t process(std::string_view bytes);
  std::size_t process_head(std::string_view bytes);
  std::size_t process_body(std::string_view bytes);
  void response_complete(std::span<Field> trailers);
  void failed(const Error& error);
  void check_input_end();

  ByteSink& out_;
  ClientSessionEvents& owner_;
  std::string buffer_;                // bytes fed and not yet used; no memory while empty
  ResponseEvents* events_ = nullptr;  // null: nobody waits
  ChunkedDecoder chunked_;
  std::size_t scanned_ = 0;          // of the head being waited for
  std::uint64_t left_ = 0;           // body bytes still to come (kLength)
  std::uint64_t request_left_ = 0;   // body bytes still to be sent (kLength)
  std::uint32_t informational_ = 0;  // 1xx responses to this request
  State state_ = State::kIdle;
  BodyKind request_kind_ = BodyKind::kNone;
  BodyKind kind_ = BodyKind::kNone;
  Method method_ = Method::kGet;
  std::string upgrade_;  // the protocol asked for, in a request for a tunnel
  bool request_complete_ = true;
  bool keep_alive_ = true;
  bool is_last_ = false;  // the request asked for no other
  bool paused_ = false;
  bool input_ended_ = false;
  bool processing_ = false;  // process() is on the stack
};

}  // namespace reseal::http
