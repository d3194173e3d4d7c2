#include "lb/http/h1_client.h"

#include <algorithm>
#include <utility>

#include "lb/http/body_framing.h"
#include "lb/http/h1_writer.h"
#include "lb/http/upgrade.h"

namespace reseal::http {
namespace {

constexpr std::uint32_t kMostInformational = 16;
constexpr HeadLimits kServerLimits{.head_bytes = 64 * 1024, .target_bytes = 0, .fields = 256};

Error bad_response(const char* detail) {
  return {Code::kBadResponse, Origin::kServer, detail, 0, 0, 0};
}

}  // namespace

// ---- request

bool H1Client::close_request(RequestWriter&) {
  if (is_reusable()) return true;
  events_ = nullptr;
  state_ = State::kBroken;
  return false;
}

void H1Client::send_head(const RequestHead& head, ResponseEvents& events) {
  events_ = &events;
  state_ = State::kHead;
  method_ = head.method;
  upgrade_.assign(head.upgrade);
  request_kind_ = head.framing.kind;
  request_left_ = head.framing.kind == BodyKind::kLength ? head.framing.length : 0;
  request_complete_ = false;
  is_last_ = head.is_last;
  paused_ = false;
  scanned_ = 0;
  informational_ = 0;
  write_request_head(head, out_.output());
}

void H1Client::send_body(std::string_view data) {
  if (state_ == State::kBroken || request_complete_) return;
  if (request_kind_ == BodyKind::kTunnel) {
    out_.write(data);
    return;
  }
  if (request_kind_ == BodyKind::kChunked) {
    write_chunk(data, out_.output());
    return;
  }
  data = data.substr(0, std::min<std::uint64_t>(data.size(), request_left_));
  request_left_ -= data.size();
  if (!data.empty()) out_.write(data);
}

void H1Client::send_end(std::span<const Field> trailers) {
  if (state_ == State::kBroken || request_complete_) return;
  if (request_kind_ == BodyKind::kChunked) write_last_chunk(trailers, out_.output());
  if (request_kind_ == BodyKind::kTunnel) {
    owner_.on_output_end();
    if (state_ == State::kIdle) events_ = nullptr;  // the response has ended before
  }
  request_complete_ =
      request_left_ == 0;  // one that is too short is never complete, the connection not reused
}

void H1Client::pause_response() {
  paused_ = true;
  owner_.on_reading_changed();
}

// ---- response

void H1Client::feed(std::string_view bytes) {
  if (state_ == State::kBroken) return;
  if (!buffer_.empty() || processing_) {
    buffer_.append(bytes);
    run_buffer();
    return;
  }
  processing_ = true;
  const std::size_t used = process(bytes);
  processing_ = false;
  if (state_ != State::kBroken && used < bytes.size()) buffer_.assign(bytes.substr(used));
  check_input_end();
}

void H1Client::run_buffer() {
  if (processing_) return;
  processing_ = true;
  const std::size_t used = process(buffer_);
  processing_ = false;
  if (state_ == State::kBroken || used == buffer_.size()) {
    std::string().swap(buffer_);  // gives the memory back
  } else {
    buffer_.erase(0, used);
  }
  check_input_end();
}

std::size_t H1Client::process(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size()) {
    if (state_ != State::kHead && (state_ != State::kBody || paused_)) break;
    const State before = state_;
    const std::size_t step =
        state_ == State::kHead ? process_head(bytes.substr(used)) : process_body(bytes.substr(used));
    used += step;
    // A response that ended may have begun the next request on this session: nothing more is ours to do.
    if (step == 0 || (before != State::kHead && state_ != State::kBody)) break;
  }
  return state_ == State::kBroken ? bytes.size() : used;
}

std::size_t H1Client::process_head(std::string_view bytes) {
  const std::size_t length = find_head_end(bytes, scanned_);
  if (length == 0) {
    scanned_ = bytes.size();
    if (bytes.size() > kServerLimits.head_bytes) failed(bad_response("head too large"));
    return 0;
  }
  scanned_ = 0;
  ResponseHead& head = events_->response_head();
  head.reset();
  if (length > kServerLimits.head_bytes) {
    failed(bad_response("head too large"));
    return 0;
  }
  const auto parsed =
      parse_response_head(head.arena.copy(bytes.substr(0, length)), kServerLimits, method_, head);
  if (!parsed) {
    failed(parsed.error());
    return 0;
  }
  if (!accept_head(head)) return length;
  const bool surplus = length < bytes.size();
  kind_ = head.framing.kind;
  left_ = head.framing.length;
  keep_alive_ = head.keep_alive && !is_last_;
  if (kind_ == BodyKind::kChunked) chunked_.reset(Origin::kServer);
  const bool empty = kind_ == BodyKind::kNone || (kind_ == BodyKind::kLength && left_ == 0);
  if (empty && surplus) keep_alive_ = false;  // bytes nobody asked for
  state_ = State::kBody;
  if (request_kind_ == BodyKind::kTunnel && kind_ != BodyKind::kTunnel) request_complete_ = true;
  events_->on_response_head(head);
  if (empty && events_ != nullptr) response_complete({});
  return length;
}

/// False: not the final head, or the response has failed.
bool H1Client::accept_head(ResponseHead& head) {
  if (request_kind_ == BodyKind::kTunnel) {
    if (const auto decided = decide_tunnel_response(upgrade_, head); !decided) {
      failed(decided.error());
      return false;
    }
    if (head.framing.kind == BodyKind::kTunnel) {
      head.keep_alive = false;
      return true;
    }
  }
  if (head.status >= 200) return true;
  if (head.status == 101) {
    failed(bad_response("101 although no upgrade was asked for"));
  } else if (++informational_ > kMostInformational) {
    failed(bad_response("too many informational responses"));
  } else {
    events_->on_informational(head);
    if (events_ != nullptr) head.reset();
  }
  return false;
}

std::size_t H1Client::process_body(std::string_view bytes) {
  if (kind_ == BodyKind::kChunked) {
    const auto step = chunked_.step(bytes);
    if (!step) {
      failed(step.error());
      return 0;
    }
    if (!step->data.empty()) events_->on_response_body(step->data);
    if (events_ != nullptr && chunked_.done()) {
      if (step->consumed < bytes.size()) keep_alive_ = false;
      std::vector<Field> trailers;
      if (!chunked_.trailers().empty()) trailers = parse_trailers(chunked_.trailers());
      response_complete(trailers);
      chunked_.reset(Origin::kServer);
    }
    return step->consumed;
  }
  if (kind_ == BodyKind::kUntilClose || kind_ == BodyKind::kTunnel) {
    events_->on_response_body(bytes);
    return bytes.size();
  }
  const std::size_t n = std::min<std::uint64_t>(bytes.size(), left_);
  left_ -= n;
  const bool complete = left_ == 0;
  if (complete && n < bytes.size()) keep_alive_ = false;
  events_->on_response_body(bytes.substr(0, n));
  if (complete && events_ != nullptr) response_complete({});
  return n;
}

void H1Client::response_complete(std::span<Field> trailers) {
  state_ = State::kIdle;
  paused_ = false;
  ResponseEvents& events = *events_;
  const bool request_goes_on = kind_ == BodyKind::kTunnel && !request_complete_;
  if (!request_goes_on) events_ = nullptr;
  // Last: the connection may be given back, and taken for the next request, within this call.
  events.on_response_end(trailers);
}

void H1Client::resume_response() {
  if (!std::exchange(paused_, false)) return;
  run_buffer();
  owner_.on_reading_changed();
}

void H1Client::failed(const Error& error) {
  state_ = State::kBroken;
  paused_ = false;
  if (ResponseEvents* events = std::exchange(events_, nullptr)) events->on_response_failed(error);
}

void H1Client::on_input_end() {
  input_ended_ = true;
  check_input_end();
}

void H1Client::check_input_end() {
  if (!input_ended_ || events_ == nullptr || paused_) return;
  if (state_ == State::kHead) {
    const bool nothing = buffer_.empty() && informational_ == 0;
    failed({nothing ? Code::kServerClosed : Code::kServerTruncated, Origin::kServer,
            nothing ? "the server closed the connection without a response"
                    : "the server closed the connection within the response head",
            0, 0, 0});
  } else if (state_ == State::kBody && (kind_ == BodyKind::kUntilClose || kind_ == BodyKind::kTunnel)) {
    response_complete({});
  } else if (state_ == State::kBody) {
    failed({Code::kServerTruncated, Origin::kServer,
            "the server closed the connection within the response body", 0, 0, 0});
  }
}

void H1Client::on_connection_lost(const Error& error) {
  input_ended_ = true;
  const bool nothing = state_ == State::kHead && buffer_.empty() && informational_ == 0;
  // A certificate refused by the server surfaces only now in TLS 1.3: such a code says more than "reset".
  const bool generic = error.code == Code::kIo || error.code == Code::kClientGone;
  Error told = error;
  if (generic) told.code = nothing ? Code::kServerReset : Code::kServerTruncated;
  told.origin = Origin::kServer;
  failed(told);
}

void H1Client::on_drained() {
  if (events_ != nullptr && !request_complete_) events_->on_request_drained();
}

}  // namespace reseal::http
