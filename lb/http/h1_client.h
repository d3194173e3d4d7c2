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
#include "lb/http/exchange_ends.h"
#include "lb/http/h1_parser.h"

namespace reseal::http {

class H1Client {
 public:
  /// `out` is borrowed and outlives the session.
  explicit H1Client(ByteSink& out) : out_(out) {}

  // The exchange's side.

  /// Begins a request on an idle session. `head` is read during the call, `events` told until the response
  /// ends, fails or cancel().
  void send_head(const RequestHead& head, ResponseEvents& events);
  /// Bytes beyond a declared length are not sent: the server would take them for the next request.
  void send_body(std::string_view data);
  void send_end(std::span<const Field> trailers);
  [[nodiscard]] bool is_backed_up() const { return out_.is_backed_up(); }
  /// Holds back the response's body; bytes that arrive meanwhile are kept (at most one receive buffer, if the
  /// owner heeds wants_pause()).
  void pause_response() { paused_ = true; }
  /// May deliver body bytes and the response's end before it returns.
  void resume_response();
  /// Nobody waits for the response any more; the connection cannot be reused.
  void cancel();

  // The owner's side.

  void feed(std::string_view bytes);
  void on_input_end();
  void on_connection_lost(const Error& error);
  void on_drained();
  [[nodiscard]] bool wants_pause() const { return paused_; }
  /// Request and response are complete, both sides keep the connection, and no byte too many has come.
  [[nodiscard]] bool reusable() const {
    // Within process() the buffer is about to be emptied; bytes too many have cleared keep_alive_ by then.
    const bool nothing_left = processing_ || buffer_.empty();
    return state_ == State::kIdle && request_complete_ && keep_alive_ && !input_ended_ && nothing_left;
  }

 private:
  enum class State : std::uint8_t { kIdle, kHead, kBody, kBroken };

  void run_buffer();
  std::size_t process(std::string_view bytes);
  std::size_t process_head(std::string_view bytes);
  std::size_t process_body(std::string_view bytes);
  bool begin_response(ResponseHead& head);
  void response_complete(std::span<const Field> trailers);
  void failed(const Error& error);
  void check_input_end();

  ByteSink& out_;
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
  bool request_complete_ = true;
  bool keep_alive_ = true;
  bool paused_ = false;
  bool input_ended_ = false;
  bool processing_ = false;  // process() is on the stack
};

}  // namespace reseal::http
