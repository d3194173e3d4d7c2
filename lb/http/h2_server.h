// The client side of HTTP/2 (RFC 9113, with the extended CONNECT of RFC 8441): many requests at a time, each with its
// own exchange. Sans I/O: the owner feeds bytes, asks for output at the end of the turn, and flushes the sink.
//
//   kOpen ──close_when_idle──► kAnnounced (GOAWAY 2^31-1, PING) ──PING answered, asked again──► kClosing (GOAWAY, last
//   stream) ──last stream done──► kDone        any ──error, flood, refuse, client's end and nothing left──► kDone
//
// What a connection can hold, at most:
//   requests at a time                  limits.streams, more are refused (REFUSED_STREAM)
//   a header list, decoded              limits.head_bytes, then 431; four times as much: GOAWAY (h2_header_block.h)
//   CONTINUATION frames a list          8 beyond what the list may need
//   request bodies held back            64 KiB a stream, 1 MiB in all: the windows open only as exchanges take bytes
//   response bytes held back            64 KiB and one write a stream; beyond 1 MiB in all every stream is backed up
//   frames that wait for the sink       reading pauses at kMostWaitingFrames
//   acknowledgements unsent             200 (nghttp2), then GOAWAY
//   floods of any kind                  h2_flood_guard.h
//   windows that stay closed            look_at_stalls: the stream is reset
//   uploads that go on after the answer nothing is kept; 512 KiB a stream, and look_at_leftovers: the stream is reset
//
// Owner: the client connection. Single thread.
#pragma once

#include <memory>
#include <vector>

#include "lb/http/h1_parser.h"
#include "lb/http/h2_server_stream.h"
#include "lb/http/h2_session.h"
#include "lb/http/server_session.h"

namespace reseal::http {

class H2Server final : public ServerSession, private H2SessionEvents {
 public:
  static constexpr std::size_t kMostWaitingFrames = 200;

  /// All references are borrowed and outlive the session; `now` is the loop's cached time. Asks for output (SETTINGS)
  /// before it returns.
  H2Server(ByteSink& out, ServerSessionEvents& events, BufferPool& pool, const HeadLimits& limits,
           const TimePoint& now);
  ~H2Server() override;

  // ServerSession
  void feed(std::string_view bytes) override;
  void on_input_end() override;
  void on_connection_lost(const Error& error) override;
  void on_drained() override;
  void write_output() override;
  /// GOAWAY without an answer, since there is no request to answer; done at once.
  void refuse(const Error& error) override;
  /// Takes a round trip, so that no request under way is lost. Called again, it does not wait for that any more.
  void close_when_idle() override;
  [[nodiscard]] bool wants_pause() const override;
  [[nodiscard]] bool is_idle() const override { return streams_.empty() && !session_.is_within_head(); }
  [[nodiscard]] bool is_reading_head() const override { return session_.is_within_head(); }
  [[nodiscard]] bool has_stalled_output() const override;
  void look_at_stalls() override;
  [[nodiscard]] bool has_leftovers() const override { return leftovers_ != 0; }
  void look_at_leftovers() override;
  [[nodiscard]] bool was_broken() const override { return session_.error() != 0; }

 private:
  enum class State : std::uint8_t { kOpen, kAnnounced, kClosing, kDone };

  // H2SessionEvents
  H2Stream& on_stream_opened() override;
  void on_fields(H2Stream& stream, bool end_stream) override;
  void on_stream_data(H2Stream& stream, std::string_view data) override;
  void on_stream_end(H2Stream& stream) override;
  void on_end_stream_sent(H2Stream& stream) override;
  void on_stream_closed(H2Stream& stream, std::uint32_t error) override;
  void on_peer_changed() override {}
  void on_ping_answered() override;
  void settle() override;

  template <class Use>
  void for_each_stream(Use use);
  void tell_drained();
  void all_gone(const Error& error);
  void reap();
  [[nodiscard]] bool is_finished();

  ServerSessionEvents& events_;
  BufferPool& pool_;
  const HeadLimits limits_;
  H2Session session_;
  IntrusiveList<H2ServerStream, H2StreamTag> streams_;
  std::vector<std::unique_ptr<H2ServerStream>> objects_;  // all there are, in use or not
  std::vector<H2ServerStream*> free_;
  State state_ = State::kOpen;
  std::size_t leftovers_ = 0;  // streams that throw away what still comes
  bool output_pending_ = false;
  bool input_ended_ = false;
  bool closed_any_ = false;  // some stream is closed, and not yet reaped
};

}  // namespace reseal::http
