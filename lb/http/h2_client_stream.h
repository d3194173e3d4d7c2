// One request to an HTTP/2 server: its stream, seen by the exchange as a RequestWriter.
//
//   kIdle ──send_head──► kHead ──final head──► kBody ──END_STREAM──► kEnded (told when all is delivered)
//                          └─ 1xx: stays        any ──malformed, reset, lost, given back──► kDone
//
// Freed (by H2Client) once nghttp2 has closed the stream and close_request() was called. Owner: H2Client. Single thread.
#pragma once

#include <cstdint>
#include <string>

#include "lb/http/exchange_ends.h"
#include "lb/http/h2_stream.h"

namespace reseal::http {

class H2ClientStream final : public H2Stream, public RequestWriter {
 public:
  /// `scheme` is static.
  H2ClientStream(H2Session& session, BufferPool& pool, std::string_view scheme)
      : H2Stream(session, pool), scheme_(scheme) {}

  // From the session.
  void on_fields(bool end_stream);
  void on_data(std::string_view data);
  void on_end();
  void on_closed(std::uint32_t error);
  /// Connection or server are lost; streams that got all of their response are not concerned.
  void lost(const Error& error);
  void tell_drained();
  /// A send_head() that found the session closing fails here, not within the exchange's call.
  void tell_unsent();

  void take() { taken_ = true; }
  /// close_request(): resets what is not complete.
  void give_back();
  [[nodiscard]] bool is_done() const { return !taken_ && (is_closed() || id() == 0); }
  void recycle();

  // RequestWriter
  void send_head(const RequestHead& head, ResponseEvents& events) override;
  void send_body(std::string_view data) override;
  void send_end(std::span<const Field> trailers) override;
  [[nodiscard]] bool is_backed_up() const override { return output_backed_up(); }
  void pause_response() override { paused_ = true; }
  void resume_response() override;

 private:
  enum class State : std::uint8_t { kIdle, kHead, kBody, kEnded, kDone };

  void take_head(bool end_stream);
  void begin_body(bool end_stream, ResponseHead& head);
  void take_trailers(bool end_stream);
  void response_complete();
  void deliver();
  void tell_end();
  void failed(const Error& error);
  void bad(const Error& error);
  /// All of the response is here, and waits for the exchange: what happens to the stream is of no interest any more.
  [[nodiscard]] bool is_held_back() const { return state_ == State::kEnded && !end_told_; }

  const std::string_view scheme_;
  ResponseEvents* events_ = nullptr;  // null: nobody waits
  std::uint64_t response_left_ = 0;   // body bytes still to come (kLength)
  std::uint64_t request_left_ = 0;    // body bytes still to be sent (kLength)
  std::string upgrade_;               // the protocol asked for
  std::uint32_t informational_ = 0;   // 1xx responses
  State state_ = State::kIdle;
  BodyKind request_kind_ = BodyKind::kNone;
  BodyKind response_kind_ = BodyKind::kNone;
  Method method_ = Method::kGet;
  bool request_complete_ = false;
  bool paused_ = false;
  bool delivering_ = false;
  bool end_told_ = false;  // on_response_end
  bool taken_ = false;     // an exchange holds the writer
  bool unsent_ = false;
};

}  // namespace reseal::http
