#include "lb/http/raw_server.h"

#include <utility>

namespace reseal::http {

void RawServer::begin(std::string_view server_name) {
  RequestEvents& exchange = events_.begin_request();
  RequestHead& head = exchange.request_head();
  head.method = Method::kOther;
  head.framing.kind = BodyKind::kTunnel;
  head.authority = head.arena.copy(server_name);
  exchange_ = &exchange;
  events_.on_request(exchange, *this);
}

// ---- input

void RawServer::feed(std::string_view bytes) {
  if (done_ || request_ended_) return;
  if (!input_.hold(bytes)) exchange_->on_request_body(bytes);
}

void RawServer::resume_request_body() {
  const std::string bytes = input_.resume();
  if (!bytes.empty()) exchange_->on_request_body(bytes);
  if (input_.is_at_end()) end_request();
}

void RawServer::on_input_end() {
  input_.end();
  on_input_ended_early();
  if (input_.is_at_end()) end_request();
}

void RawServer::on_input_ended_early() {
  if (exchange_ != nullptr) exchange_->on_client_ended();
}

void RawServer::end_request() {
  if (done_ || std::exchange(request_ended_, true)) return;
  exchange_->on_request_end({});
  if (!done_ && state_ == State::kEnded) finish();
}

void RawServer::on_connection_lost(const Error& error) {
  if (std::exchange(done_, true)) return;
  if (RequestEvents* exchange = std::exchange(exchange_, nullptr)) exchange->on_client_gone(error);
}

void RawServer::on_drained() {
  if (!done_ && exchange_ != nullptr) exchange_->on_response_drained();
}

// ---- output

void RawServer::send_head(const ResponseHead& head) {
  if (head.framing.kind == BodyKind::kTunnel) state_ = State::kOpen;
}

void RawServer::send_body(std::string_view data) {
  if (!done_ && state_ == State::kOpen) out_.write(data);
}

void RawServer::send_end(std::span<const Field>) {
  if (done_) return;
  if (state_ == State::kEnded) {
    // The other direction went on, and now is given up too.
    if (request_ended_) finish();
    return;
  }
  if (state_ == State::kWaiting) {
    abort();
    return;
  }
  state_ = State::kEnded;
  if (request_ended_) {
    finish();
  } else {
    events_.on_output_end();
  }
}

void RawServer::finish() {
  done_ = true;
  exchange_ = nullptr;
  events_.on_response_complete();
  events_.on_session_done();
}

void RawServer::abort() {
  if (std::exchange(done_, true)) return;
  exchange_ = nullptr;
  events_.on_session_aborted();
}

}  // namespace reseal::http
