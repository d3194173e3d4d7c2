// One request of an HTTP/2 client: its stream, seen by the exchange as a ResponseWriter.
//
// Request:   kHead ──fields──► kBody ──END_STREAM──► kComplete       kHead, kBody ──malformed──► kFailed
// Response:  kPending ──send_head──► kBody ──send_end, abort, gone──► kEnded
//            in a tunnel whose request goes on: kEnded, and the exchange is told of the request's end yet
//
// A response may be complete before its request is. RFC 9113 8.1 allows a reset then, which some clients (curl 7.88) take
// for a failure of it all. So a rest of at most kMostLeftover bytes is taken in and thrown away, until look_at_leftovers()
// has found the stream twice. Its window opens for all of it at once: such clients look at no more frames. What is longer, or
// of a length that nobody knows, would have them wait for ever, and is reset.
//
// Freed (by H2Server) once nghttp2 has closed the stream and the exchange is done with it. Owner: H2Server. Single
// thread.
#pragma once

#include <cstdint>

#include "lb/http/exchange_ends.h"
#include "lb/http/h1_parser.h"
#include "lb/http/h2_stream.h"

namespace reseal::http {

class H2ServerStream final : public H2Stream, public ResponseWriter {
 public:
  /// Half the connection's window, which is given back whenever half is used: so much a client can send.
  static constexpr std::size_t kMostLeftover = std::size_t{512} * 1024;

  H2ServerStream(H2Session& session, BufferPool& pool, ServerSessionEvents& owner)
      : H2Stream(session, pool), owner_(owner) {}

  // From the session.
  void on_fields(bool end_stream, const HeadLimits& limits);
  void on_data(std::string_view data);
  void on_end();
  void on_end_stream_sent();
  void on_closed(std::uint32_t error);
  /// Stream or connection are lost.
  void gone(const Error& error);
  /// The client has ended its side of the connection: what of the request is missing will not come.
  void on_input_end();
  void tell_drained();
  /// Somebody is still told of it, or bytes of it are still to be sent.
  [[nodiscard]] bool has_work() const { return exchange_ != nullptr || queued() != 0; }
  /// See ServerSession::look_at_stalls.
  void look_at_stall();
  /// Its response is complete and sent, its request was not when that happened.
  [[nodiscard]] bool is_leftover() const { return leftover_; }
  void look_at_leftover();

  [[nodiscard]] bool is_done() const {
    return is_closed() && exchange_ == nullptr && response_ == Response::kEnded;
  }
  void recycle();

  // ResponseWriter
  void send_informational(const ResponseHead& head) override;
  void send_head(const ResponseHead& head) override;
  void send_body(std::string_view data) override;
  void send_end(std::span<const Field> trailers) override;
  void abort() override;
  void close_after_response() override {}
  [[nodiscard]] bool is_backed_up() const override { return output_backed_up(); }
  void pause_request_body() override { paused_ = true; }
  void resume_request_body() override;

 private:
  enum class Request : std::uint8_t { kHead, kBody, kComplete, kFailed };
  enum class Response : std::uint8_t { kPending, kBody, kEnded };

  void begin(bool end_stream, const HeadLimits& limits);
  void take_trailers(bool end_stream);
  void input_complete();
  void deliver();
  void tell_end();
  void request_failed(const Error& error);
  void too_long();
  void end_leftover();

  ServerSessionEvents& owner_;
  RequestEvents* exchange_ = nullptr;  // null: nobody is told any more
  std::uint64_t request_left_ = 0;     // body bytes still to come (kLength)
  std::uint64_t response_left_ = 0;    // body bytes still to be sent (kLength)
  Request request_ = Request::kHead;
  Response response_ = Response::kPending;
  BodyKind request_kind_ = BodyKind::kNone;
  BodyKind response_kind_ = BodyKind::kNone;
  bool is_head_request_ = false;
  bool paused_ = false;
  bool delivering_ = false;
  bool end_told_ = false;  // on_request_end
  bool end_sent_ = false;  // END_STREAM
  bool resets_ = false;    // by us, for a reason that is not the client's
  bool leftover_ = false;
  bool leftover_seen_ = false;
};

}  // namespace reseal::http
