#include "lb/http/h1_server.h"

#include <algorithm>
#include <utility>

#include "lb/http/body_framing.h"
#include "lb/http/h1_writer.h"

namespace reseal::http {

H1Server::H1Server(ByteSink& out, ServerSessionEvents& events, const HeadLimits& limits)
    : out_(out), events_(events), limits_(limits) {}

// ---- input

void H1Server::feed(std::string_view bytes) {
  if (ended_ || request_ == RequestState::kRefused) return;
  if (!buffer_.empty()) {
    buffer_.erase(0, std::exchange(buffer_used_, 0));
    buffer_.append(bytes);
    run_buffer();
    return;
  }
  processing_ = true;
  const std::size_t used = process(bytes);
  processing_ = false;
  if (!ended_ && used < bytes.size()) buffer_.assign(bytes.substr(used));
  check_input_end();
}

void H1Server::run_buffer() {
  if (processing_ || ended_) return;  // process() goes on by itself
  processing_ = true;
  buffer_used_ += process(std::string_view(buffer_).substr(buffer_used_));
  processing_ = false;
  if (ended_ || buffer_used_ == buffer_.size()) drop_buffer();
  check_input_end();
}

void H1Server::drop_buffer() {
  std::string().swap(buffer_);  // gives the memory back
  buffer_used_ = 0;
}

std::size_t H1Server::process(std::string_view bytes) {
  std::size_t used = 0;
  while (used < bytes.size() && !ended_) {
    std::size_t step = 0;
    switch (request_) {
      case RequestState::kHead:
        step = process_head(bytes.substr(used));
        break;
      case RequestState::kBody:
        step = process_body(bytes.substr(used));
        break;
      case RequestState::kComplete:
        break;  // the next request waits for the response to this one
      case RequestState::kRefused:
        return bytes.size();
    }
    if (step == 0) break;
    used += step;
  }
  return ended_ ? bytes.size() : used;
}

std::size_t H1Server::process_head(std::string_view bytes) {
  // A client that asks without reading gets no further answers to pile up: its next request waits in the
  // buffer, which the owner bounds by heeding wants_pause().
  if (out_.is_backed_up()) return 0;
  // One empty line before a request line is forgiven (RFC 9112 2.2).
  const std::size_t skipped = bytes.starts_with("\r\n") ? 2 : 0;
  const std::string_view rest = bytes.substr(skipped);
  if (rest.empty()) return 0;
  const std::size_t length = find_head_end(rest, scanned_ > skipped ? scanned_ - skipped : 0);
  if (length != 0) {
    scanned_ = 0;
    begin(rest.substr(0, length));
    return skipped + length;
  }
  scanned_ = bytes.size();
  if (rest.size() > limits_.head_bytes) {
    refuse({Code::kHeadTooLarge, Origin::kClient, "head too large", 0, 0, 0});
  } else if (rest != "\r" && !may_begin_request(rest)) {
    refuse({Code::kBadRequest, Origin::kClient, "not an HTTP request", 0, 0, 0});
  } else {
    return 0;
  }
  return bytes.size();
}

void H1Server::begin(std::string_view head_bytes) {
  RequestEvents& exchange = events_.begin_request();
  RequestHead& head = exchange.request_head();
  const auto too_large = head_bytes.size() > limits_.head_bytes;
  const Result<void> parsed = too_large
                                  ? Result<void>(fail(Code::kHeadTooLarge, Origin::kClient, "head too large"))
                                  : parse_request_head(head.arena.copy(head_bytes), limits_, head);
  response_ = ResponseState::kPending;
  is_http10_ = head.version == Version::kHttp10;
  is_head_request_ = head.method == Method::kHead;
  if (!parsed) {
    request_ = RequestState::kRefused;
    closing_ = true;
    is_http10_ = is_head_request_ = false;
    head.reset();
    events_.on_bad_request(exchange, parsed.error(), *this);
    return;
  }
  if (!head.keep_alive) closing_ = true;
  request_kind_ = head.framing.kind;
  request_left_ = head.framing.length;
  const bool has_body =
      (request_kind_ != BodyKind::kNone && request_kind_ != BodyKind::kLength) || request_left_ != 0;
  if (request_kind_ == BodyKind::kChunked) chunked_.reset(Origin::kClient);
  request_ = has_body ? RequestState::kBody : RequestState::kComplete;
  body_paused_ = has_body;
  exchange_ = nullptr;
  events_.on_request(exchange, *this);
  if (!in_response()) return;  // answered already, and finish_message has moved on
  exchange_ = &exchange;
  if (!has_body) exchange_->on_request_end({});
}

std::size_t H1Server::process_body(std::string_view bytes) {
  if (body_paused_) return 0;
  if (request_kind_ == BodyKind::kTunnel) {
    if (exchange_ != nullptr) exchange_->on_request_body(bytes);
    return bytes.size();
  }
  return request_kind_ == BodyKind::kChunked ? process_chunked(bytes) : process_length(bytes);
}

std::size_t H1Server::process_length(std::string_view bytes) {
  const std::size_t n = std::min<std::uint64_t>(bytes.size(), request_left_);
  request_left_ -= n;
  const bool complete = request_left_ == 0;
  if (exchange_ != nullptr) exchange_->on_request_body(bytes.substr(0, n));
  if (complete && request_ == RequestState::kBody) request_complete({});
  return n;
}

std::size_t H1Server::process_chunked(std::string_view bytes) {
  const auto step = chunked_.step(bytes);
  if (!step) {
    request_failed(step.error());
    return bytes.size();
  }
  if (!step->data.empty() && exchange_ != nullptr) exchange_->on_request_body(step->data);
  if (chunked_.done() && request_ == RequestState::kBody) {
    std::vector<Field> trailers;
    if (!chunked_.trailers().empty()) trailers = parse_trailers(chunked_.trailers());
    request_complete(trailers);
    chunked_.reset(Origin::kClient);
  }
  return step->consumed;
}

void H1Server::resume_request_body() {
  if (!std::exchange(body_paused_, false)) return;
  run_buffer();
}

void H1Server::request_complete(std::span<Field> trailers) {
  request_ = RequestState::kComplete;
  if (response_ == ResponseState::kEnded) {
    std::exchange(exchange_, nullptr)->on_request_end(trailers);
    finish_response();
  } else if (exchange_ != nullptr) {
    exchange_->on_request_end(trailers);
  }
}

void H1Server::request_failed(const Error& error) {
  request_ = RequestState::kRefused;
  closing_ = true;
  if (exchange_ != nullptr) exchange_->on_request_failed(error);
}

void H1Server::refuse(const Error& error) {
  if (ended_ || in_response()) return;
  request_ = RequestState::kRefused;
  response_ = ResponseState::kPending;
  closing_ = true;
  is_http10_ = is_head_request_ = false;
  events_.on_bad_request(events_.begin_request(), error, *this);
}

void H1Server::on_input_end() {
  input_ended_ = true;
  on_input_ended_early();
  if (ended_) return;
  if (buffer_.empty()) {
    check_input_end();
  } else {
    run_buffer();  // what was held back is still answered
  }
}

void H1Server::on_input_ended_early() {
  if (exchange_ != nullptr) exchange_->on_client_ended();
}

void H1Server::check_input_end() {
  if (!input_ended_ || ended_) return;
  if (request_ == RequestState::kBody && !body_paused_) {
    if (request_kind_ == BodyKind::kTunnel) {
      request_complete({});
      return;
    }
    request_failed(
        {Code::kBadRequest, Origin::kClient, "the client ended the connection within a body", 0, 0, 0});
  } else if (request_ == RequestState::kHead && !in_response() &&
             !(out_.is_backed_up() && !buffer_.empty())) {
    end_session();  // idle, or within a head: there is nobody to be told
  }
}

void H1Server::on_connection_lost(const Error& error) {
  if (std::exchange(ended_, true)) return;
  response_ = ResponseState::kNone;
  if (!processing_) drop_buffer();
  if (RequestEvents* exchange = std::exchange(exchange_, nullptr)) exchange->on_client_gone(error);
}

void H1Server::on_drained() {
  if (exchange_ != nullptr) {
    exchange_->on_response_drained();
  } else if (!buffer_.empty()) {
    run_buffer();
  }
}

bool H1Server::wants_pause() const {
  // While a tunnel is only asked for, reading goes on: a client that leaves is to be noticed.
  if (request_ == RequestState::kBody) {
    return body_paused_ && (request_kind_ != BodyKind::kTunnel || !buffer_.empty());
  }
  if (buffer_.empty() || request_ == RequestState::kRefused) return false;
  return request_ == RequestState::kComplete || out_.is_backed_up();
}

void H1Server::close_when_idle() {
  closing_ = true;
  if (is_idle()) end_session();
}

// ---- output

void H1Server::send_informational(const ResponseHead& head) {
  if (ended_ || is_http10_ || response_ != ResponseState::kPending) return;
  write_response_head(head, {}, {}, out_.output());
}

void H1Server::decide_tunnel(const ResponseHead& head) {
  if (head.framing.kind == BodyKind::kTunnel) {
    closing_ = true;  // the connection is the tunnel's from here on
  } else {
    request_ = RequestState::kComplete;
    request_kind_ = BodyKind::kNone;
    body_paused_ = false;
  }
}

void H1Server::send_head(const ResponseHead& head) {
  if (ended_ || response_ != ResponseState::kPending) return;
  if (request_kind_ == BodyKind::kTunnel) decide_tunnel(head);
  response_ = ResponseState::kBody;
  response_kind_ = head.framing.kind;
  response_left_ = head.framing.length;
  const bool unknown_length = response_kind_ == BodyKind::kChunked || response_kind_ == BodyKind::kUntilClose;
  // A response that overtakes its request: the rest of it may never come or never be read, and must not be
  // taken for the next request (RFC 9112 9.6).
  if (request_ == RequestState::kBody) closing_ = true;
  if (response_kind_ == BodyKind::kTunnel) {
    write_response_head(head, head.framing, {}, out_.output());
    return;
  }
  if (is_head_request_) {
    response_kind_ = BodyKind::kNone;
  } else if (unknown_length) {
    response_kind_ = is_http10_ ? BodyKind::kUntilClose : BodyKind::kChunked;
    if (is_http10_) closing_ = true;
  }
  const ResponseOptions options{.close = closing_, .http10_keep_alive = is_http10_ && !closing_};
  write_response_head(head, unknown_length ? Framing{response_kind_, 0, false} : head.framing, options,
                      out_.output());
}

void H1Server::send_body(std::string_view data) {
  if (ended_ || response_ != ResponseState::kBody || data.empty()) return;
  switch (response_kind_) {
    case BodyKind::kNone:
      return;
    case BodyKind::kChunked:
      write_chunk(data, out_.output());
      return;
    case BodyKind::kUntilClose:
    case BodyKind::kTunnel:
      out_.write(data);
      return;
    case BodyKind::kLength:
      if (data.size() > response_left_) {
        abort();
        return;
      }
      response_left_ -= data.size();
      out_.write(data);
      return;
  }
}

void H1Server::send_end(std::span<const Field> trailers) {
  if (ended_ || !in_response()) return;
  const bool too_short = response_kind_ == BodyKind::kLength && response_left_ != 0;
  if (too_short || response_ == ResponseState::kPending) {
    abort();
    return;
  }
  if (response_kind_ == BodyKind::kChunked) write_last_chunk(trailers, out_.output());
  if (response_kind_ == BodyKind::kTunnel && request_ == RequestState::kBody) {
    if (std::exchange(response_, ResponseState::kEnded) != ResponseState::kEnded) events_.on_output_end();
    return;
  }
  finish_response();
}

void H1Server::finish_response() {
  response_ = ResponseState::kNone;
  response_kind_ = BodyKind::kNone;
  exchange_ = nullptr;
  finish_message();
}

void H1Server::abort() {
  if (std::exchange(ended_, true)) return;
  response_ = ResponseState::kNone;
  exchange_ = nullptr;
  events_.on_session_aborted();
}

void H1Server::finish_message() {
  if (closing_) {
    events_.on_response_complete();
    end_session();
    return;
  }
  request_ = RequestState::kHead;
  scanned_ = 0;
  events_.on_response_complete();
  if (buffer_.empty()) {
    check_input_end();
  } else {
    run_buffer();
  }
}

void H1Server::end_session() {
  if (std::exchange(ended_, true)) return;
  if (!processing_) drop_buffer();
  events_.on_session_done();
}

}  // namespace reseal::http
