#include "lb/http/h2_client_stream.h"

#include <algorithm>
#include <utility>

#include "lb/base/text.h"
#include "lb/http/h2_fields.h"
#include "lb/http/h2_session.h"

namespace reseal::http {
namespace {

constexpr std::uint32_t kMostInformational = 16;

Error bad_response(const char* detail) {
  return {Code::kBadResponse, Origin::kServer, detail, 0, 0, 0};
}
Error refused(const char* detail) {
  return {Code::kServerRefused, Origin::kServer, detail, 0, 0, 0};
}

}  // namespace

// ---- request

void H2ClientStream::send_head(const RequestHead& head, ResponseEvents& events) {
  const H2Session::Scope scope(session_);
  events_ = &events;
  state_ = State::kHead;
  method_ = head.method;
  request_kind_ = head.framing.kind;
  request_left_ = head.framing.length;
  if (request_kind_ == BodyKind::kTunnel) upgrade_.assign(head.upgrade);
  // A body of no bytes is stated as such, since trailers cannot follow a length.
  const bool has_body =
      request_kind_ != BodyKind::kNone && !(request_kind_ == BodyKind::kLength && request_left_ == 0);
  request_complete_ = !has_body;
  unsent_ = !session_.submit_request(*this, session_.fields().request(head, scheme_), has_body);
  if (unsent_) session_.want_output();
}

void H2ClientStream::send_body(std::string_view data) {
  if (request_complete_ || state_ == State::kDone) return;
  const H2Session::Scope scope(session_);
  if (request_kind_ == BodyKind::kLength) {
    data = data.substr(0, std::min<std::uint64_t>(data.size(), request_left_));
    request_left_ -= data.size();
  }
  write(data, request_kind_ == BodyKind::kLength && request_left_ == 0);
}

void H2ClientStream::send_end(std::span<const Field> trailers) {
  if (request_complete_ || state_ == State::kDone) return;
  const H2Session::Scope scope(session_);
  request_complete_ = true;
  if (request_kind_ == BodyKind::kLength && request_left_ != 0) {
    session_.reset(*this, NGHTTP2_CANCEL);  // never complete: the server must not take it for that
    return;
  }
  end_output(request_kind_ == BodyKind::kChunked ? trailers : std::span<const Field>());
  if (end_told_) events_ = nullptr;  // a tunnel whose other half has ended before
}

void H2ClientStream::give_back() {
  taken_ = false;
  events_ = nullptr;
  const bool complete = request_complete_ && input_ended_;
  if (!complete) session_.reset(*this, NGHTTP2_CANCEL);
  state_ = State::kDone;
}

void H2ClientStream::tell_drained() {
  if (take_wants_drained() && events_ != nullptr && !request_complete_) events_->on_request_drained();
}

void H2ClientStream::tell_unsent() {
  if (std::exchange(unsent_, false)) failed(refused("the connection takes no further request"));
}

// ---- response

void H2ClientStream::on_fields(bool end_stream) {
  if (events_ == nullptr) return;
  if (session_.block().is_too_large()) {
    bad(bad_response("head too large"));
  } else if (state_ == State::kHead) {
    take_head(end_stream);
  } else if (state_ == State::kBody) {
    take_trailers(end_stream);
  }
}

void H2ClientStream::take_head(bool end_stream) {
  ResponseHead& head = events_->response_head();
  head.reset();
  const AskedFor asked{method_, request_kind_ == BodyKind::kTunnel, upgrade_};
  const auto read = read_h2_response(session_.block().fields(), end_stream, asked, head);
  if (!read) {
    bad(read.error());
  } else if (head.status >= 200 || head.framing.kind == BodyKind::kTunnel) {
    begin_body(end_stream, head);
  } else if (++informational_ > kMostInformational) {
    bad(bad_response("too many informational responses"));
  } else {
    events_->on_informational(head);
    if (events_ != nullptr) head.reset();
  }
}

void H2ClientStream::begin_body(bool end_stream, ResponseHead& head) {
  state_ = State::kBody;
  response_kind_ = head.framing.kind;
  response_left_ = response_kind_ == BodyKind::kLength ? head.framing.length : 0;
  if (request_kind_ == BodyKind::kTunnel && response_kind_ != BodyKind::kTunnel) {
    // It was an ordinary request without a body: that is stated now.
    request_complete_ = true;
    end_output({});
  }
  input_ended_ = end_stream;
  events_->on_response_head(head);
  if (end_stream && events_ != nullptr) response_complete();
}

void H2ClientStream::take_trailers(bool end_stream) {
  if (!end_stream) {
    bad(bad_response("fields within a body"));
    return;
  }
  input_ended_ = true;
  const auto read = read_h2_trailers(session_.block().fields(), Origin::kServer, input_trailers_.arena,
                                     input_trailers_.fields);
  if (!read) {
    bad(read.error());
  } else {
    response_complete();
  }
}

void H2ClientStream::on_data(std::string_view data) {
  if (events_ == nullptr || state_ == State::kDone) {
    session_.consume(0, data.size());  // no more of this stream is asked for
    return;
  }
  const bool fits = response_kind_ != BodyKind::kLength || data.size() <= response_left_;
  if (state_ != State::kBody || response_kind_ == BodyKind::kNone || !fits) {
    session_.consume(0, data.size());
    bad(bad_response(state_ == State::kHead ? "a body before its head" : "more body than the head says"));
    return;
  }
  if (response_kind_ == BodyKind::kLength) response_left_ -= data.size();
  if (paused_ || delivering_ || !input_.empty()) {
    input_.append(data);
    return;
  }
  delivering_ = true;
  events_->on_response_body(data);
  delivering_ = false;
  consume(data.size());
}

void H2ClientStream::on_end() {
  input_ended_ = true;
  if (events_ == nullptr || state_ == State::kDone) return;
  if (state_ == State::kHead) {
    bad(bad_response("a stream that ends before its final head"));
  } else {
    response_complete();
  }
}

void H2ClientStream::response_complete() {
  if (response_left_ != 0) {
    bad(bad_response("less body than Content-Length says"));
    return;
  }
  state_ = State::kEnded;
  tell_end();
}

/// The response's end, once everything before it is delivered.
void H2ClientStream::tell_end() {
  if (state_ != State::kEnded || events_ == nullptr || paused_ || delivering_ || !input_.empty()) return;
  if (std::exchange(end_told_, true)) return;
  ResponseEvents& events = *events_;
  const bool request_goes_on = response_kind_ == BodyKind::kTunnel && !request_complete_;
  if (!request_goes_on) events_ = nullptr;
  events.on_response_end(input_trailers_.fields);
}

void H2ClientStream::resume_response() {
  if (!std::exchange(paused_, false)) return;
  const H2Session::Scope scope(session_);
  deliver();
  tell_end();
}

void H2ClientStream::deliver() {
  if (delivering_) return;
  delivering_ = true;
  while (!paused_ && events_ != nullptr && !input_.empty()) {
    const std::string_view run = input_.front();
    events_->on_response_body(run);
    input_.consume(run.size());
    consume(run.size());
  }
  delivering_ = false;
}

// ---- the end

void H2ClientStream::failed(const Error& error) {
  state_ = State::kDone;
  if (ResponseEvents* events = std::exchange(events_, nullptr)) events->on_response_failed(error);
}

void H2ClientStream::bad(const Error& error) {
  session_.reset(*this, NGHTTP2_PROTOCOL_ERROR);
  failed(error);
}

void H2ClientStream::on_closed(std::uint32_t error) {
  drop_output();
  if (events_ == nullptr || is_held_back()) return;
  if (error == NGHTTP2_REFUSED_STREAM) {
    failed(refused("the server refused the stream without processing it"));
    return;
  }
  const bool nothing = state_ == State::kHead && informational_ == 0;
  failed({nothing ? Code::kServerReset : Code::kServerTruncated, Origin::kServer,
          "the server reset the stream", 0, 0, 0});
}

void H2ClientStream::lost(const Error& error) {
  if (is_held_back()) return;
  // A certificate refused by the server surfaces only now in TLS 1.3: such a code says more than "reset".
  const bool generic = error.code == Code::kIo || error.code == Code::kClientGone;
  const bool nothing = state_ == State::kHead && informational_ == 0;
  Error told = error;
  if (generic) told.code = nothing ? Code::kServerReset : Code::kServerTruncated;
  if (error.code == Code::kServerClosed && !nothing) told.code = Code::kServerTruncated;
  told.origin = Origin::kServer;
  failed(told);
}

void H2ClientStream::recycle() {
  H2Stream::recycle();
  events_ = nullptr;
  response_left_ = request_left_ = 0;
  upgrade_.clear();
  informational_ = 0;
  state_ = State::kIdle;
  request_kind_ = response_kind_ = BodyKind::kNone;
  request_complete_ = paused_ = delivering_ = end_told_ = taken_ = unsent_ = false;
}

}  // namespace reseal::http
