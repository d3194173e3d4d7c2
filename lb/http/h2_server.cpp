#include "lb/http/h2_server.h"

#include <utility>

namespace reseal::http {
namespace {

H2ServerStream& server_stream(H2Stream& stream) {
  return static_cast<H2ServerStream&>(stream);
}

H2Session::Setup setup_of(const HeadLimits& limits) {
  return {.is_server = true, .concurrent_streams = limits.streams, .header_bytes = limits.head_bytes};
}

std::uint32_t error_of(Code code) {
  return code == Code::kClientTimeout ? NGHTTP2_NO_ERROR : NGHTTP2_PROTOCOL_ERROR;
}

}  // namespace

H2Server::H2Server(ByteSink& out, ServerSessionEvents& events, BufferPool& pool, const HeadLimits& limits,
                   const TimePoint& now)
    : events_(events),
      pool_(pool),
      limits_(limits),
      session_(setup_of(limits), out, pool, *this, now),
      output_pending_(true) {
  events_.on_output_pending();
}

H2Server::~H2Server() = default;

template <class Use>
void H2Server::for_each_stream(Use use) {
  for (H2ServerStream* stream = streams_.front(); stream != nullptr; stream = streams_.next(*stream))
    use(*stream);
}

// ---- from the owner

void H2Server::feed(std::string_view bytes) {
  if (state_ == State::kDone) return;
  const H2Session::Scope scope(session_);
  session_.feed(bytes);
}

void H2Server::write_output() {
  output_pending_ = false;
  if (state_ == State::kDone) return;
  const H2Session::Scope scope(session_);
  session_.pump();
  tell_drained();
}

void H2Server::on_drained() {
  if (state_ == State::kDone) return;
  const H2Session::Scope scope(session_);
  session_.pump();
  tell_drained();
}

void H2Server::tell_drained() {
  for_each_stream([](H2ServerStream& stream) { stream.tell_drained(); });
}

void H2Server::on_input_end() {
  if (state_ == State::kDone) return;
  const H2Session::Scope scope(session_);
  input_ended_ = true;
  for_each_stream([](H2ServerStream& stream) { stream.on_input_end(); });
}

void H2Server::on_connection_lost(const Error& error) {
  state_ = State::kDone;
  session_.abandon();
  const H2Session::Scope scope(session_);
  all_gone(error);
}

void H2Server::refuse(const Error& error) {
  if (state_ == State::kDone) return;
  const H2Session::Scope scope(session_);
  session_.end(error_of(error.code));
  all_gone(error);
}

void H2Server::close_when_idle() {
  if (state_ == State::kDone || state_ == State::kClosing) return;
  const H2Session::Scope scope(session_);
  if (state_ == State::kOpen) {
    state_ = State::kAnnounced;
    session_.announce_shutdown();
  } else {
    state_ = State::kClosing;
    session_.shut_down();
  }
}

bool H2Server::wants_pause() const {
  return session_.is_sink_backed_up() && session_.waiting_frames() >= kMostWaitingFrames;
}

bool H2Server::has_stalled_output() const {
  return session_.queued() != 0 && !output_pending_ && !session_.is_sink_backed_up();
}

void H2Server::look_at_stalls() {
  if (state_ == State::kDone) return;
  const H2Session::Scope scope(session_);
  for_each_stream([](H2ServerStream& stream) { stream.look_at_stall(); });
}

void H2Server::look_at_leftovers() {
  if (state_ == State::kDone) return;
  const H2Session::Scope scope(session_);
  for_each_stream([](H2ServerStream& stream) { stream.look_at_leftover(); });
}

// ---- from the session

H2Stream& H2Server::on_stream_opened() {
  if (free_.empty()) {
    objects_.push_back(std::make_unique<H2ServerStream>(session_, pool_, events_));
    free_.push_back(objects_.back().get());
  }
  H2ServerStream& stream = *free_.back();
  free_.pop_back();
  streams_.push_back(stream);
  return stream;
}

void H2Server::on_fields(H2Stream& stream, bool end_stream) {
  server_stream(stream).on_fields(end_stream, limits_);
}

void H2Server::on_stream_data(H2Stream& stream, std::string_view data) {
  server_stream(stream).on_data(data);
}

void H2Server::on_stream_end(H2Stream& stream) {
  server_stream(stream).on_end();
}

void H2Server::on_end_stream_sent(H2Stream& stream) {
  server_stream(stream).on_end_stream_sent();
  if (server_stream(stream).is_leftover()) ++leftovers_;
}

void H2Server::on_stream_closed(H2Stream& stream, std::uint32_t error) {
  closed_any_ = true;
  if (server_stream(stream).is_leftover()) --leftovers_;
  server_stream(stream).on_closed(error);
}

void H2Server::on_ping_answered() {
  if (state_ != State::kAnnounced) return;
  state_ = State::kClosing;
  session_.shut_down();
}

// ---- the end

void H2Server::all_gone(const Error& error) {
  for_each_stream([&error](H2ServerStream& stream) { stream.gone(error); });
}

bool H2Server::is_finished() {
  if (session_.has_failed()) return true;
  if (!session_.is_over() && (!input_ended_ || session_.wants_write())) return false;
  bool work = false;
  for_each_stream([&work](const H2ServerStream& stream) { work = work || stream.has_work(); });
  return !work;
}

void H2Server::reap() {
  closed_any_ = false;
  for (H2ServerStream* stream = streams_.front(); stream != nullptr;) {
    H2ServerStream* const next = streams_.next(*stream);
    if (stream->is_closed() && !stream->is_done()) closed_any_ = true;
    if (stream->is_done()) {
      static_cast<ListNode<H2StreamTag>&>(*stream).unlink();
      stream->recycle();
      free_.push_back(stream);
    }
    stream = next;
  }
}

void H2Server::settle() {
  if (state_ == State::kDone) return;
  if (is_finished()) {
    // Only now: an event may call back, and finds a session that does nothing any more.
    state_ = State::kDone;
    session_.abandon();
    const bool flooded = session_.error() == NGHTTP2_ENHANCE_YOUR_CALM;
    all_gone({Code::kBadRequest, Origin::kClient,
              flooded ? "a flood of HTTP/2 frames" : "the client broke the rules of HTTP/2", 0, 0, 0});
    events_.on_session_done();
    return;
  }
  if (closed_any_) reap();
  if (session_.wants_write() && !session_.is_sink_backed_up() && !std::exchange(output_pending_, true)) {
    events_.on_output_pending();
  }
}

}  // namespace reseal::http
