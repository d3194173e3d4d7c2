#include "lb/http/h2_session.h"

#include <array>
#include <cstring>
#include <utility>

namespace reseal::http {
namespace {

constexpr std::size_t kPrefaceSize = 24;
constexpr std::size_t kFrameBytes = 16 * 1024;  // SETTINGS_MAX_FRAME_SIZE as it is by default
constexpr std::size_t kFrameHeaderSize = 9;
constexpr std::size_t kSpareContinuations = 8;
constexpr std::size_t kMostAcknowledgements = 200;
constexpr std::array<std::uint8_t, 8> kShutdownPing = {'s', 'h', 'u', 't', 'd', 'o', 'w', 'n'};

std::uint32_t most_continuations(const H2Session::Setup& setup) {
  return static_cast<std::uint32_t>(setup.header_bytes / kFrameBytes + kSpareContinuations);
}

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}
std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

std::uint32_t error_of(ssize_t nghttp2_error) {
  switch (nghttp2_error) {
    case NGHTTP2_ERR_FLOODED:
      return NGHTTP2_ENHANCE_YOUR_CALM;
    case NGHTTP2_ERR_NOMEM:
      return NGHTTP2_INTERNAL_ERROR;
    default:
      return NGHTTP2_PROTOCOL_ERROR;
  }
}

}  // namespace

/// nghttp2's way in. The only place where its pointers become ours.
struct H2Callbacks {
  static H2Session& of(void* user) { return *static_cast<H2Session*>(user); }
  static H2Stream* stream(nghttp2_session* session, std::int32_t id) {
    return static_cast<H2Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }
  static int fatal(H2Session& session, std::uint32_t error) {
    session.end_error_ = error;
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int on_begin_headers(nghttp2_session* nghttp2, const nghttp2_frame* frame, void* user) noexcept {
    H2Session& session = of(user);
    if (session.end_error_ != 0 || session.guard_.is_exceeded()) {
      return fatal(session,
                   session.end_error_ != 0 ? session.end_error_ : std::uint32_t{NGHTTP2_ENHANCE_YOUR_CALM});
    }
    session.block_.clear();
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      H2Stream& opened = session.events_.on_stream_opened();
      opened.opened(frame->hd.stream_id);
      nghttp2_session_set_stream_user_data(nghttp2, frame->hd.stream_id, &opened);
      // All alike and in turns (RFC 9218 "i"): by default the oldest stream would have everything.
      nghttp2_extpri in_turns{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
      nghttp2_session_change_extpri_stream_priority(nghttp2, frame->hd.stream_id, &in_turns, 1);
    }
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* user) noexcept {
    H2Session& session = of(user);
    const bool kept = session.block_.add(text_of(name, name_size), text_of(value, value_size));
    return kept ? 0 : fatal(session, NGHTTP2_ENHANCE_YOUR_CALM);
  }

  static int on_frame(nghttp2_session* nghttp2, const nghttp2_frame* frame, void* user) noexcept {
    H2Session& session = of(user);
    const bool end_stream = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        if (H2Stream* found = stream(nghttp2, frame->hd.stream_id))
          session.events_.on_fields(*found, end_stream);
        session.block_.clear();
        break;
      case NGHTTP2_DATA:
        if (!end_stream) break;
        if (H2Stream* found = stream(nghttp2, frame->hd.stream_id)) session.events_.on_stream_end(*found);
        break;
      case NGHTTP2_SETTINGS:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) session.events_.on_peer_changed();
        break;
      case NGHTTP2_GOAWAY:
        session.events_.on_peer_changed();
        break;
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 &&
            std::memcmp(frame->ping.opaque_data, kShutdownPing.data(), kShutdownPing.size()) == 0) {
          session.events_.on_ping_answered();
        }
        break;
      default:
        break;
    }
    return session.end_error_ != 0 ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  static int on_invalid_frame(nghttp2_session*, const nghttp2_frame* frame, int, void* user) noexcept {
    // A refused or malformed stream: a reset that the peer has caused.
    if (frame->hd.type == NGHTTP2_HEADERS) of(user).guard_.charge(H2FloodGuard::kResetPoints);
    return 0;
  }

  static int on_data(nghttp2_session* nghttp2, std::uint8_t, std::int32_t id, const std::uint8_t* data,
                     std::size_t size, void* user) noexcept {
    H2Session& session = of(user);
    if (H2Stream* found = stream(nghttp2, id)) {
      session.events_.on_stream_data(*found, text_of(data, size));
    } else {
      session.consume(0, size);
    }
    return session.end_error_ != 0 ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  static int on_closed(nghttp2_session* nghttp2, std::int32_t id, std::uint32_t error, void* user) noexcept {
    if (H2Stream* found = stream(nghttp2, id)) {
      found->closed();
      of(user).events_.on_stream_closed(*found, error);
    }
    return 0;
  }

  static ssize_t offer_data(nghttp2_session* nghttp2, std::int32_t id, std::uint8_t*, std::size_t most,
                            std::uint32_t* flags, nghttp2_data_source* source, void* user) noexcept {
    const auto& found = *static_cast<H2Stream*>(source->ptr);
    const H2Stream::Offer offer = static_cast<H2Stream*>(source->ptr)->offer(most);
    if (offer.deferred) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (offer.last) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (const auto trailers = found.output_trailers(); !trailers.empty()) {
        const auto list = of(user).fields_.trailers(trailers);
        if (!list.empty() && nghttp2_submit_trailer(nghttp2, id, list.data(), list.size()) == 0) {
          *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        }
      }
    }
    return static_cast<ssize_t>(offer.bytes);
  }

  static int send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* header, std::size_t size,
                       nghttp2_data_source* source, void* user) noexcept {
    H2Session& session = of(user);
    ByteQueue& out = session.out_.output();
    out.append(text_of(header, kFrameHeaderSize));
    if (size != 0) {
      static_cast<H2Stream*>(source->ptr)->move_output(size, out);
      session.guard_.credit(H2FloodGuard::kSentDataCredit);
    }
    return session.out_.is_backed_up() ? NGHTTP2_ERR_PAUSE : 0;
  }

  static int on_sent(nghttp2_session* nghttp2, const nghttp2_frame* frame, void* user) noexcept {
    if (frame->hd.type == NGHTTP2_GOAWAY) of(user).error_ = frame->goaway.error_code;
    const bool of_stream = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!of_stream || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    if (H2Stream* found = stream(nghttp2, frame->hd.stream_id)) of(user).events_.on_end_stream_sent(*found);
    return 0;
  }
};

namespace {

using Options = std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)>;
using Callbacks = std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)>;

Options make_options(const H2Session::Setup& setup) {
  nghttp2_option* option = nullptr;
  if (nghttp2_option_new(&option) != 0) std::abort();  // out of memory
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_http_messaging(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_max_outbound_ack(option, kMostAcknowledgements);
  // Counted by H2FloodGuard: nghttp2 counts one again for each piece that its header comes in.
  nghttp2_option_set_max_continuations(option, kFrameHeaderSize * most_continuations(setup));
  nghttp2_option_set_max_send_header_block_length(option,
                                                  std::size_t{1} << 20);  // bounded where heads are read
  // Resets are counted by H2FloodGuard, in proportion to the work done; this bound would come first.
  nghttp2_option_set_stream_reset_rate_limit(option, UINT32_MAX, UINT32_MAX);
  return {option, &nghttp2_option_del};
}

Callbacks make_callbacks() {
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) std::abort();  // out of memory
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, &H2Callbacks::on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, &H2Callbacks::on_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, &H2Callbacks::on_frame);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, &H2Callbacks::on_invalid_frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, &H2Callbacks::on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, &H2Callbacks::on_closed);
  nghttp2_session_callbacks_set_send_data_callback(callbacks, &H2Callbacks::send_data);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, &H2Callbacks::on_sent);
  return {callbacks, &nghttp2_session_callbacks_del};
}

}  // namespace

H2Session::H2Session(const Setup& setup, ByteSink& out, BufferPool& pool, H2SessionEvents& events,
                     const TimePoint& now)
    : out_(out),
      events_(events),
      block_(pool, setup.header_bytes),
      guard_(now, setup.is_server ? kPrefaceSize : 0, most_continuations(setup)) {
  const Options options = make_options(setup);
  const Callbacks callbacks = make_callbacks();
  nghttp2_session* session = nullptr;
  const int failed = setup.is_server
                         ? nghttp2_session_server_new2(&session, callbacks.get(), this, options.get())
                         : nghttp2_session_client_new2(&session, callbacks.get(), this, options.get());
  if (failed != 0) std::abort();  // out of memory
  nghttp2_.reset(session);
  submit_settings(setup);
}

void H2Session::submit_settings(const Setup& setup) {
  const auto list_size = static_cast<std::uint32_t>(setup.header_bytes);
  const nghttp2_settings_entry server[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, setup.concurrent_streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, setup.stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, list_size},
      {NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1}};
  const nghttp2_settings_entry client[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                                           {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, setup.stream_window},
                                           {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, list_size}};
  const std::span<const nghttp2_settings_entry> chosen =
      setup.is_server ? std::span<const nghttp2_settings_entry>(server) : client;
  nghttp2_submit_settings(nghttp2_.get(), NGHTTP2_FLAG_NONE, chosen.data(), chosen.size());
  nghttp2_session_set_local_window_size(nghttp2_.get(), NGHTTP2_FLAG_NONE, 0,
                                        static_cast<std::int32_t>(setup.connection_window));
}

// ---- input and output

void H2Session::feed(std::string_view bytes) {
  if (ended_) return;
  if (!guard_.admit(bytes)) {
    end(NGHTTP2_ENHANCE_YOUR_CALM);
    return;
  }
  in_nghttp2_ = true;
  const ssize_t used = nghttp2_session_mem_recv(nghttp2_.get(), bytes_of(bytes), bytes.size());
  in_nghttp2_ = false;
  if (end_error_ != 0) {
    end(end_error_);
  } else if (used < 0) {
    end(error_of(used));
  } else if (guard_.is_exceeded()) {
    end(NGHTTP2_ENHANCE_YOUR_CALM);
  }
}

void H2Session::pump() {
  if (in_nghttp2_) return;
  output_wanted_ = false;
  while (!ended_ && !out_.is_backed_up()) {
    const std::uint8_t* frame = nullptr;
    in_nghttp2_ = true;
    const ssize_t size = nghttp2_session_mem_send(nghttp2_.get(), &frame);
    in_nghttp2_ = false;
    if (size > 0) out_.write(text_of(frame, static_cast<std::size_t>(size)));
    if (end_error_ != 0) {
      end(end_error_);
    } else if (size < 0) {
      end(NGHTTP2_INTERNAL_ERROR);
    }
    if (size <= 0) return;
  }
}

bool H2Session::wants_write() const {
  return output_wanted_ || (!ended_ && nghttp2_session_want_write(nghttp2_.get()) != 0);
}

std::size_t H2Session::waiting_frames() const {
  return ended_ ? 0 : nghttp2_session_get_outbound_queue_size(nghttp2_.get());
}

// ---- the end

void H2Session::end(std::uint32_t error) {
  if (ended_) return;
  if (in_nghttp2_) {
    if (end_error_ == 0) end_error_ = error;
    return;
  }
  ended_ = true;
  error_ = error;
  write_goaway(error);
}

/// By hand: after an error of its own nghttp2 is not to be asked for anything.
void H2Session::write_goaway(std::uint32_t error) {
  const auto last = static_cast<std::uint32_t>(nghttp2_session_get_last_proc_stream_id(nghttp2_.get()));
  std::array<char, 17> frame = {0, 0, 8, 7, 0, 0, 0, 0, 0};
  for (std::size_t i = 0; i < 4; ++i) {
    frame[9 + i] = static_cast<char>(last >> (24 - 8 * i));
    frame[13 + i] = static_cast<char>(error >> (24 - 8 * i));
  }
  out_.write({frame.data(), frame.size()});
}

bool H2Session::is_over() const {
  return ended_ ||
         (nghttp2_session_want_read(nghttp2_.get()) == 0 && nghttp2_session_want_write(nghttp2_.get()) == 0);
}

void H2Session::announce_shutdown() {
  if (ended_) return;
  nghttp2_submit_shutdown_notice(nghttp2_.get());
  nghttp2_submit_ping(nghttp2_.get(), NGHTTP2_FLAG_NONE, kShutdownPing.data());
}

void H2Session::shut_down() {
  if (ended_) return;
  nghttp2_submit_goaway(nghttp2_.get(), NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(nghttp2_.get()), NGHTTP2_NO_ERROR, nullptr,
                        0);
}

// ---- frames

namespace {

nghttp2_data_provider provider_of(H2Stream& stream) {
  nghttp2_data_provider provider{};
  provider.source.ptr = &stream;
  provider.read_callback = &H2Callbacks::offer_data;
  return provider;
}

}  // namespace

bool H2Session::submit_request(H2Stream& stream, std::span<const nghttp2_nv> fields, bool has_body) {
  if (ended_) return false;
  const nghttp2_data_provider provider = provider_of(stream);
  const std::int32_t id = nghttp2_submit_request(nghttp2_.get(), nullptr, fields.data(), fields.size(),
                                                 has_body ? &provider : nullptr, &stream);
  if (id < 0) return false;
  stream.opened(id);
  return true;
}

void H2Session::submit_response(H2Stream& stream, std::span<const nghttp2_nv> fields, bool has_body) {
  if (ended_ || stream.is_closed()) return;
  const nghttp2_data_provider provider = provider_of(stream);
  nghttp2_submit_response(nghttp2_.get(), stream.id(), fields.data(), fields.size(),
                          has_body ? &provider : nullptr);
}

void H2Session::submit_informational(H2Stream& stream, std::span<const nghttp2_nv> fields) {
  if (ended_ || stream.is_closed()) return;
  nghttp2_submit_headers(nghttp2_.get(), NGHTTP2_FLAG_NONE, stream.id(), nullptr, fields.data(),
                         fields.size(), nullptr);
}

void H2Session::reset(const H2Stream& stream, std::uint32_t error) {
  if (ended_ || stream.is_closed() || stream.id() == 0) return;
  nghttp2_submit_rst_stream(nghttp2_.get(), NGHTTP2_FLAG_NONE, stream.id(), error);
}

void H2Session::resume(const H2Stream& stream) {
  if (!ended_) nghttp2_session_resume_data(nghttp2_.get(), stream.id());
}

void H2Session::consume(std::int32_t id, std::size_t bytes) {
  if (ended_) return;
  if (id == 0) {
    nghttp2_session_consume_connection(nghttp2_.get(), bytes);
  } else {
    nghttp2_session_consume(nghttp2_.get(), id, bytes);
  }
}

void H2Session::widen(const H2Stream& stream, std::size_t bytes) {
  if (ended_) return;
  const auto now = nghttp2_session_get_stream_effective_local_window_size(nghttp2_.get(), stream.id());
  nghttp2_session_set_local_window_size(nghttp2_.get(), NGHTTP2_FLAG_NONE, stream.id(),
                                        now + static_cast<std::int32_t>(bytes));
}

std::uint32_t H2Session::peer_setting(nghttp2_settings_id id) const {
  return nghttp2_session_get_remote_settings(nghttp2_.get(), id);
}

bool H2Session::allows_request() const {
  return !ended_ && nghttp2_session_check_request_allowed(nghttp2_.get()) != 0;
}

}  // namespace reseal::http
