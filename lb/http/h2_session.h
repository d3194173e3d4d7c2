// What both HTTP/2 ends share: nghttp2's session with its callbacks, options and settings; bytes in, frames out; floods
// bounded; the end of it all. Sans I/O.
//
//   kOpen ──GOAWAY for a reason (end(), or nghttp2 finds the peer at fault)──► kEnded: no byte reaches nghttp2 any more
//   kOpen ──graceful GOAWAY, last stream closed──► over (is_over())
//
// nghttp2 checks frames, streams, windows and HPACK; what messages may look like is h2_fields' alone. No callback lets
// an exception out; nghttp2 is never entered from within its own callbacks but for what it allows there (submit_*,
// consume, resume). Owner: H2Server or H2Client. Single thread.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "lb/base/byte_sink.h"
#include "lb/base/clock.h"
#include "lb/http/h2_field_writer.h"
#include "lb/http/h2_flood_guard.h"
#include "lb/http/h2_header_block.h"
#include "lb/http/h2_session_events.h"
#include "lb/http/h2_stream.h"

namespace reseal::http {

class H2Session {
 public:
  struct Setup {
    bool is_server = true;
    std::uint32_t stream_window = 64 * 1024;
    std::uint32_t connection_window = 1024 * 1024;
    std::uint32_t concurrent_streams = 100;
    std::size_t header_bytes = 32 * 1024;
  };
  /// What waits for windows, all streams together, before every stream counts as backed up.
  static constexpr std::size_t kMostQueued = 1024 * 1024;

  /// All references are borrowed and outlive the session. The preface and SETTINGS are ready to be pumped.
  H2Session(const Setup& setup, ByteSink& out, BufferPool& pool, H2SessionEvents& events,
            const TimePoint& now);

  /// Held wherever something is called that may call events: settle() comes when the outermost one ends.
  class Scope {
   public:
    explicit Scope(H2Session& session) : session_(session) { ++session_.depth_; }
    ~Scope() {
      if (--session_.depth_ == 0) session_.events_.settle();
    }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    H2Session& session_;
  };

  void feed(std::string_view bytes);
  /// Frames into the sink until there are none or it is backed up. Not within nghttp2.
  void pump();
  [[nodiscard]] bool can_pump() const { return !in_nghttp2_ && !ended_ && !out_.is_backed_up(); }
  [[nodiscard]] bool wants_write() const;
  /// There is something to do at the end of the turn, though nghttp2 has nothing to send.
  void want_output() { output_wanted_ = true; }
  /// Sends GOAWAY and ends the session; within nghttp2: as soon as it returns.
  void end(std::uint32_t error);
  /// The connection is gone.
  void abandon() { ended_ = true; }
  /// Ended, or nghttp2 has said GOAWAY because of an error.
  [[nodiscard]] bool has_failed() const { return ended_ || error_ != 0; }
  /// What GOAWAY said.
  [[nodiscard]] std::uint32_t error() const { return error_; }
  /// GOAWAY was sent or received, no stream is left, nothing more is to be said.
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] bool is_backed_up() const { return out_.is_backed_up() || queued_ >= kMostQueued; }
  [[nodiscard]] bool is_sink_backed_up() const { return out_.is_backed_up(); }
  /// Frames that wait for the sink, those of DATA aside.
  [[nodiscard]] std::size_t waiting_frames() const;

  [[nodiscard]] const HeaderBlock& block() const { return block_; }
  /// The preface or a header block has begun and is not complete.
  [[nodiscard]] bool is_within_head() const { return guard_.is_within_head(); }
  H2FloodGuard& guard() { return guard_; }
  H2FieldWriter& fields() { return fields_; }

  // What follows does nothing once the session has ended.

  /// Begins a request. False: no stream can be opened any more.
  bool submit_request(H2Stream& stream, std::span<const nghttp2_nv> fields, bool has_body);
  void submit_response(H2Stream& stream, std::span<const nghttp2_nv> fields, bool has_body);
  void submit_informational(H2Stream& stream, std::span<const nghttp2_nv> fields);
  void reset(const H2Stream& stream, std::uint32_t error);
  void resume(const H2Stream& stream);
  /// The stream's window opens by so much, beyond what is consumed.
  void widen(const H2Stream& stream, std::size_t bytes);
  /// `id` 0: the connection's window only.
  void consume(std::int32_t id, std::size_t bytes);
  /// Graceful shutdown in two steps (RFC 9113 6.8): "no more, please", with a PING to learn when that has arrived; then
  /// the number of the last stream that was taken.
  void announce_shutdown();
  void shut_down();

  [[nodiscard]] std::uint32_t peer_setting(nghttp2_settings_id id) const;
  [[nodiscard]] bool allows_request() const;

  void add_queued(std::size_t bytes) { queued_ += bytes; }
  void remove_queued(std::size_t bytes) { queued_ -= bytes; }
  [[nodiscard]] std::size_t queued() const { return queued_; }

 private:
  friend struct H2Callbacks;
  struct Deleter {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };
  void submit_settings(const Setup& setup);
  void write_goaway(std::uint32_t error);

  ByteSink& out_;
  H2SessionEvents& events_;
  HeaderBlock block_;
  H2FieldWriter fields_;
  H2FloodGuard guard_;
  std::unique_ptr<nghttp2_session, Deleter> nghttp2_;
  std::size_t queued_ = 0;
  int depth_ = 0;
  std::uint32_t end_error_ = 0;  // what to end with, once nghttp2 has returned
  std::uint32_t error_ = 0;      // what the session has ended with
  bool in_nghttp2_ = false;
  bool output_wanted_ = false;
  bool ended_ = false;
};

}  // namespace reseal::http
