#include "lb/http/raw_client.h"

#include <utility>

namespace reseal::http {

RequestWriter& RawClient::open_request() {
  taken_ = true;
  return *this;
}

bool RawClient::close_request(RequestWriter&) {
  events_ = nullptr;
  return false;
}

// ---- request

void RawClient::send_head(const RequestHead&, ResponseEvents& events) {
  events_ = &events;
  ResponseHead& head = events.response_head();
  head.reset();
  head.framing.kind = BodyKind::kTunnel;
  events.on_response_head(head);
  if (events_ != nullptr) resume_response();  // what came before anybody listened
}

void RawClient::send_body(std::string_view data) {
  out_.write(data);
}

void RawClient::send_end(std::span<const Field>) {
  if (std::exchange(request_ended_, true)) return;
  owner_.on_output_end();
  if (response_ended_) events_ = nullptr;
}

// ---- response

void RawClient::feed(std::string_view bytes) {
  if (response_ended_) return;
  if (!input_.hold(bytes) && events_ != nullptr) events_->on_response_body(bytes);
}

void RawClient::pause_response() {
  input_.pause();
  owner_.on_reading_changed();
}

void RawClient::resume_response() {
  const std::string bytes = input_.resume();
  if (!bytes.empty()) events_->on_response_body(bytes);
  if (input_.is_at_end()) end_response();
  owner_.on_reading_changed();
}

void RawClient::on_input_end() {
  input_.end();
  if (input_.is_at_end()) end_response();
}

void RawClient::end_response() {
  if (events_ == nullptr || std::exchange(response_ended_, true)) return;
  ResponseEvents& events = *events_;
  if (request_ended_) events_ = nullptr;
  events.on_response_end({});
}

void RawClient::on_connection_lost(const Error& error) {
  Error told = error;
  if (error.code == Code::kIo || error.code == Code::kClientGone) told.code = Code::kServerTruncated;
  told.origin = Origin::kServer;
  if (ResponseEvents* events = std::exchange(events_, nullptr)) events->on_response_failed(told);
}

void RawClient::on_drained() {
  if (events_ != nullptr && !request_ended_) events_->on_request_drained();
}

}  // namespace reseal::http
