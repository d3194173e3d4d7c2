#include "lb/http/h2_server_stream.h"

#include <utility>

#include "lb/http/h2_fields.h"
#include "lb/http/h2_session.h"

namespace reseal::http {
namespace {

Error bad_request(const char* detail, Code code = Code::kBadRequest) {
  return {code, Origin::kClient, detail, 0, 0, 0};
}

}  // namespace

// ---- request

void H2ServerStream::on_fields(bool end_stream, const HeadLimits& limits) {
  if (request_ == Request::kHead) {
    begin(end_stream, limits);
  } else {
    take_trailers(end_stream);
  }
}

void H2ServerStream::begin(bool end_stream, const HeadLimits& limits) {
  RequestEvents& exchange = owner_.begin_request();
  RequestHead& head = exchange.request_head();
  const HeaderBlock& block = session_.block();
  const Result<void> read = block.is_too_large()
                                ? Result<void>(fail(Code::kHeadTooLarge, Origin::kClient, "head too large"))
                                : read_h2_request(block.fields(), end_stream, limits, head);
  input_ended_ = end_stream;
  is_head_request_ = head.method == Method::kHead;
  if (!read) {
    request_ = Request::kFailed;
    is_head_request_ = false;
    head.reset();
    owner_.on_bad_request(exchange, read.error(), *this);
    if (response_ != Response::kEnded) abort();
    return;
  }
  request_kind_ = head.framing.kind;
  request_left_ = head.framing.length;
  request_ = end_stream ? Request::kComplete : Request::kBody;
  // Nothing of a tunnel's is told before it is open, its end neither.
  paused_ = !end_stream || request_kind_ == BodyKind::kTunnel;
  exchange_ = &exchange;
  owner_.on_request(exchange, *this);
  if (end_stream) tell_end();
}

void H2ServerStream::take_trailers(bool end_stream) {
  input_ended_ = input_ended_ || end_stream;
  // One block more that says nothing costs as much as a request.
  if (!end_stream) session_.guard().charge(H2FloodGuard::kResetPoints);
  if (request_ != Request::kBody || exchange_ == nullptr) return;
  if (!end_stream) {
    request_failed(bad_request("fields within a body"));
    return;
  }
  const HeaderBlock& block = session_.block();
  if (block.is_too_large()) {
    request_failed(bad_request("trailers too large", Code::kHeadTooLarge));
    return;
  }
  const auto read =
      read_h2_trailers(block.fields(), Origin::kClient, input_trailers_.arena, input_trailers_.fields);
  if (!read) {
    request_failed(read.error());
    return;
  }
  input_complete();
}

void H2ServerStream::on_data(std::string_view data) {
  if (request_ == Request::kBody && request_kind_ == BodyKind::kLength) {
    if (data.size() > request_left_) {
      session_.consume(0, data.size());
      request_failed(bad_request("more body than Content-Length says", Code::kAmbiguousRequest));
      if (leftover_) end_leftover();
      return;
    }
    request_left_ -= data.size();
  }
  if (request_ != Request::kBody || exchange_ == nullptr) {
    session_.consume(0, data.size());  // no more of this stream is asked for
    return;
  }
  if (paused_ || delivering_ || !input_.empty()) {
    input_.append(data);
    return;
  }
  delivering_ = true;
  exchange_->on_request_body(data);
  delivering_ = false;
  consume(data.size());
}

void H2ServerStream::on_end() {
  input_ended_ = true;
  if (request_ == Request::kBody) input_complete();
}

void H2ServerStream::input_complete() {
  if (request_kind_ == BodyKind::kLength && request_left_ != 0) {
    request_failed(bad_request("less body than Content-Length says", Code::kAmbiguousRequest));
    return;
  }
  request_ = Request::kComplete;
  tell_end();
}

/// The request's end, once it is complete and everything before it is delivered.
void H2ServerStream::tell_end() {
  if (request_ != Request::kComplete || exchange_ == nullptr || delivering_ || !input_.empty()) return;
  if (paused_ || std::exchange(end_told_, true)) return;
  RequestEvents& exchange = *exchange_;
  const bool was_last = response_ == Response::kEnded;  // the other half of a tunnel has ended before
  if (was_last) exchange_ = nullptr;
  exchange.on_request_end(input_trailers_.fields);
  if (was_last) owner_.on_response_complete();
}

void H2ServerStream::resume_request_body() {
  if (!std::exchange(paused_, false)) return;
  const H2Session::Scope scope(session_);
  deliver();
  tell_end();
}

void H2ServerStream::deliver() {
  if (delivering_) return;
  delivering_ = true;
  while (!paused_ && exchange_ != nullptr && request_ != Request::kFailed && !input_.empty()) {
    const std::string_view run = input_.front();
    exchange_->on_request_body(run);
    input_.consume(run.size());
    consume(run.size());
  }
  delivering_ = false;
}

void H2ServerStream::request_failed(const Error& error) {
  request_ = Request::kFailed;
  session_.guard().charge(H2FloodGuard::kResetPoints);
  if (exchange_ != nullptr && !end_told_) exchange_->on_request_failed(error);
}

void H2ServerStream::on_input_end() {
  if (exchange_ != nullptr) exchange_->on_client_ended();
  if (request_ == Request::kBody || request_ == Request::kHead) {
    request_failed(bad_request("the client ended the connection within a request"));
  }
}

// ---- response

void H2ServerStream::send_informational(const ResponseHead& head) {
  if (response_ != Response::kPending) return;
  const H2Session::Scope scope(session_);
  session_.submit_informational(*this, session_.fields().response(head, {}));
}

void H2ServerStream::send_head(const ResponseHead& head) {
  if (response_ != Response::kPending) return;
  const H2Session::Scope scope(session_);
  response_ = Response::kBody;
  Framing framing = head.framing;
  if (request_kind_ == BodyKind::kTunnel && framing.kind != BodyKind::kTunnel) {
    request_ = Request::kComplete;  // it was an ordinary one without a body
    end_told_ = true;
  }
  if (framing.kind == BodyKind::kUntilClose) framing.kind = BodyKind::kChunked;
  const bool no_body = is_head_request_ || framing.kind == BodyKind::kNone ||
                       (framing.kind == BodyKind::kLength && framing.length == 0);
  response_kind_ = no_body ? BodyKind::kNone : framing.kind;
  response_left_ = framing.length;
  session_.submit_response(*this, session_.fields().response(head, framing), !no_body);
}

void H2ServerStream::send_body(std::string_view data) {
  if (response_ != Response::kBody || response_kind_ == BodyKind::kNone) return;
  const H2Session::Scope scope(session_);
  if (response_kind_ == BodyKind::kLength) {
    if (data.size() > response_left_) {
      too_long();
      return;
    }
    response_left_ -= data.size();
  }
  write(data, response_kind_ == BodyKind::kLength && response_left_ == 0);
}

/// The exchange hears of it when the stream is closed: not from within its own call.
void H2ServerStream::too_long() {
  response_kind_ = BodyKind::kNone;
  resets_ = true;
  session_.reset(*this, NGHTTP2_INTERNAL_ERROR);
}

void H2ServerStream::send_end(std::span<const Field> trailers) {
  if (response_ == Response::kEnded) {
    exchange_ = nullptr;
    return;
  }
  const H2Session::Scope scope(session_);
  const bool too_short = response_kind_ == BodyKind::kLength && response_left_ != 0;
  if (response_ == Response::kPending || too_short) {
    abort();
    return;
  }
  response_ = Response::kEnded;
  end_output(response_kind_ == BodyKind::kChunked ? trailers : std::span<const Field>());
  const bool request_goes_on = response_kind_ == BodyKind::kTunnel && !end_told_;
  if (request_goes_on) return;
  exchange_ = nullptr;
  owner_.on_response_complete();
}

void H2ServerStream::abort() {
  const H2Session::Scope scope(session_);
  exchange_ = nullptr;
  response_ = Response::kEnded;
  resets_ = true;
  session_.reset(*this, NGHTTP2_INTERNAL_ERROR);
}

void H2ServerStream::on_end_stream_sent() {
  end_sent_ = true;
  session_.guard().credit(H2FloodGuard::kSentResponseCredit);
  // The rest of the request is of no use to anybody. In a tunnel it is.
  if (input_ended_ || response_kind_ == BodyKind::kTunnel) return;
  leftover_ = true;
  if (request_ == Request::kBody && request_kind_ == BodyKind::kLength && request_left_ <= kMostLeftover) {
    session_.widen(*this, request_left_);
  } else {
    end_leftover();
  }
}

void H2ServerStream::end_leftover() {
  if (!std::exchange(resets_, true)) session_.reset(*this, NGHTTP2_NO_ERROR);
}

void H2ServerStream::look_at_leftover() {
  if (leftover_ && std::exchange(leftover_seen_, true)) end_leftover();
}

void H2ServerStream::tell_drained() {
  if (take_wants_drained() && exchange_ != nullptr) exchange_->on_response_drained();
}

// ---- the end

void H2ServerStream::on_closed(std::uint32_t) {
  if (!end_sent_ && !resets_) session_.guard().charge(H2FloodGuard::kResetPoints);
  drop_output();
  // Ended in order, though the exchange does not know it yet: it is about to call send_end, or to take the rest of what
  // a tunnel has brought.
  const bool complete = end_sent_ && (response_kind_ != BodyKind::kTunnel || input_ended_);
  if (!complete) gone({Code::kClientGone, Origin::kClient, "the client reset the stream", 0, 0, 0});
}

void H2ServerStream::gone(const Error& error) {
  response_ = Response::kEnded;
  if (RequestEvents* exchange = std::exchange(exchange_, nullptr)) exchange->on_client_gone(error);
}

void H2ServerStream::look_at_stall() {
  if (!look_stalled()) return;
  resets_ = true;
  session_.reset(*this, NGHTTP2_CANCEL);
  drop_output();
  gone({Code::kClientTimeout, Origin::kClient, "the client's windows stayed closed", 0, 0, 0});
}

void H2ServerStream::recycle() {
  H2Stream::recycle();
  request_left_ = response_left_ = 0;
  request_ = Request::kHead;
  response_ = Response::kPending;
  request_kind_ = response_kind_ = BodyKind::kNone;
  is_head_request_ = paused_ = delivering_ = end_told_ = end_sent_ = resets_ = leftover_ = leftover_seen_ =
      false;
}

}  // namespace reseal::http
