#include "lb/http/h2_client.h"

#include <algorithm>
#include <utility>

namespace reseal::http {
namespace {

constexpr std::size_t kServerHeadBytes = 64 * 1024;
constexpr std::uint32_t kStreamWindow = 64 * 1024;
constexpr std::size_t kMostWaitingFrames = 1000;

H2ClientStream& client_stream(H2Stream& stream) {
  return static_cast<H2ClientStream&>(stream);
}

}  // namespace

H2Client::H2Client(ByteSink& out, ClientSessionEvents& owner, BufferPool& pool, std::string_view scheme,
                   const TimePoint& now)
    : owner_(owner),
      pool_(pool),
      scheme_(scheme),
      session_({.is_server = false,
                .stream_window = kStreamWindow,
                .connection_window = kStreamWindow * kMostRequests,
                .header_bytes = kServerHeadBytes},
               out, pool, *this, now),
      output_pending_(true) {
  owner_.on_output_pending();
}

H2Client::~H2Client() = default;

template <class Use>
void H2Client::for_each_stream(Use use) {
  for (H2ClientStream* stream = streams_.front(); stream != nullptr; stream = streams_.next(*stream))
    use(*stream);
}

// ---- from the owner

std::uint32_t H2Client::free_requests() const {
  if (broken_ || !session_.allows_request()) return 0;
  const std::uint32_t most =
      std::min(kMostRequests, session_.peer_setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS));
  return most > in_use_ ? most - in_use_ : 0;
}

bool H2Client::can_upgrade() const {
  return !broken_ && session_.peer_setting(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;
}

RequestWriter& H2Client::open_request() {
  if (free_.empty()) {
    objects_.push_back(std::make_unique<H2ClientStream>(session_, pool_, scheme_));
    free_.push_back(objects_.back().get());
  }
  H2ClientStream& stream = *free_.back();
  free_.pop_back();
  stream.take();
  streams_.push_back(stream);
  ++in_use_;
  return stream;
}

bool H2Client::close_request(RequestWriter& writer) {
  const H2Session::Scope scope(session_);
  static_cast<H2ClientStream&>(writer).give_back();
  reap_needed_ = true;
  return !broken_ && session_.allows_request();
}

void H2Client::feed(std::string_view bytes) {
  if (broken_) return;
  const H2Session::Scope scope(session_);
  session_.feed(bytes);
}

void H2Client::write_output() {
  output_pending_ = false;
  const H2Session::Scope scope(session_);
  for_each_stream([](H2ClientStream& stream) { stream.tell_unsent(); });
  session_.pump();
  tell_drained();
}

void H2Client::on_drained() {
  if (broken_) return;
  const H2Session::Scope scope(session_);
  session_.pump();
  tell_drained();
}

void H2Client::tell_drained() {
  for_each_stream([](H2ClientStream& stream) { stream.tell_drained(); });
}

bool H2Client::wants_pause() const {
  return session_.is_sink_backed_up() && session_.waiting_frames() >= kMostWaitingFrames;
}

void H2Client::on_input_end() {
  break_off({Code::kServerClosed, Origin::kServer, "the server closed the connection", 0, 0, 0});
}

void H2Client::on_connection_lost(const Error& error) {
  break_off(error);
}

// ---- from the session

/// Push is disabled: nghttp2 ends the session before it would ask.
H2Stream& H2Client::on_stream_opened() {
  std::unreachable();
}

void H2Client::on_fields(H2Stream& stream, bool end_stream) {
  client_stream(stream).on_fields(end_stream);
}

void H2Client::on_stream_data(H2Stream& stream, std::string_view data) {
  client_stream(stream).on_data(data);
}

void H2Client::on_stream_end(H2Stream& stream) {
  client_stream(stream).on_end();
}

void H2Client::on_stream_closed(H2Stream& stream, std::uint32_t error) {
  reap_needed_ = true;
  client_stream(stream).on_closed(error);
}

// ---- the end

void H2Client::break_off(const Error& error) {
  if (std::exchange(broken_, true)) return;
  const H2Session::Scope scope(session_);
  session_.abandon();
  capacity_changed_ = true;
  for_each_stream([&error](H2ClientStream& stream) { stream.lost(error); });
}

void H2Client::reap() {
  reap_needed_ = false;
  const bool was_full = free_requests() == 0;
  for (H2ClientStream* stream = streams_.front(); stream != nullptr;) {
    H2ClientStream* const next = streams_.next(*stream);
    if (stream->is_done()) {
      static_cast<ListNode<H2StreamTag>&>(*stream).unlink();
      stream->recycle();
      free_.push_back(stream);
      --in_use_;
    }
    stream = next;
  }
  if (was_full && free_requests() != 0) capacity_changed_ = true;
}

void H2Client::settle() {
  if (!broken_ && session_.has_failed()) {
    const bool flooded = session_.error() == NGHTTP2_ENHANCE_YOUR_CALM;
    break_off({Code::kBadResponse, Origin::kServer,
               flooded ? "a flood of HTTP/2 frames" : "the server broke the rules of HTTP/2", 0, 0, 0});
    return;
  }
  if (reap_needed_) reap();
  if (session_.wants_write() && !session_.is_sink_backed_up() && !std::exchange(output_pending_, true)) {
    owner_.on_output_pending();
  }
  if (std::exchange(capacity_changed_, false)) owner_.on_capacity_changed();
}

}  // namespace reseal::http
