#include "health/http_asker.h"

#include "backends/server_session.h"

namespace reseal::health {

HttpAsker::HttpAsker(net::Loop& loop, backends::ServerProtocol protocol, const tls::TlsStream* tls,
                     net::ByteStream& stream)
    : session_(backends::make_session(protocol, tls, loop, stream, *this)),
      request_(loop.buffers()),
      response_(loop.buffers()) {
  if (session_ == nullptr) failure_ = "the server does not agree to h2 (ALPN)";
}

bool HttpAsker::ask(const config::CheckRequest& request, const std::string& state) {
  if (session_ == nullptr) return false;
  request_.method_text = request_.arena.copy(request.method);
  request_.method = request.method == "HEAD" ? http::Method::kHead : http::Method::kGet;
  request_.target = request_.arena.copy(request.target);
  request_.authority = request_.arena.copy(request.host);
  request_.writes_http10 = request.is_http10;
  add_fields(request, state);
  if (!request.body.empty()) request_.framing = {http::BodyKind::kLength, request.body.size(), true};
  http::RequestWriter& writer = session_->open_request();
  writer.send_head(request_, *this);
  if (!request.body.empty()) writer.send_body(request.body);
  writer.send_end({});
  session_->write_output();
  return true;
}

void HttpAsker::add_fields(const config::CheckRequest& request, const std::string& state) {
  for (const auto& [name, value] : request.fields) {
    request_.add(http::field_name(name), request_.arena.copy(name), request_.arena.copy(value));
  }
  if (request.tells_state) {
    request_.add(http::FieldName::kOther, "X-Haproxy-Server-State", request_.arena.copy(state));
  }
  // HTTP/1.0 closes anyway, and HTTP/2 has no such field; its session leaves it out.
  if (!request.is_http10) request_.add(http::FieldName::kConnection, "Connection", "close");
}

void HttpAsker::feed(std::string_view bytes) {
  if (session_ == nullptr) return;
  session_->feed(bytes);
  session_->write_output();
}

void HttpAsker::on_end() {
  if (session_ != nullptr) session_->on_input_end();
}

void HttpAsker::on_response_body(std::string_view bytes) {
  body_.append(bytes.substr(0, kMostAnswer - body_.size()));
  if (body_.size() == kMostAnswer) is_complete_ = true;
}

void HttpAsker::on_response_failed(const Error& error) {
  is_complete_ = true;
  // What has come of a body is judged all the same.
  if (!has_head_) failure_ = error.detail;
}

Answer HttpAsker::answer() const {
  return {body_, is_complete_, has_head_ ? &response_ : nullptr};
}

}  // namespace reseal::health
