// What an exchange tells the access log at its end.
#include "lb/base/text.h"
#include "lb/proxy/exchange.h"

namespace reseal::proxy {
namespace {

std::string_view version_text(http::Version version) {
  switch (version) {
    case http::Version::kHttp10:
      return "HTTP/1.0";
    case http::Version::kHttp11:
      return "HTTP/1.1";
    case http::Version::kHttp2:
      break;
  }
  return "HTTP/2.0";  // as HAProxy writes it
}

/// As it was passed on: what was dropped is not found.
std::string_view find_field(const void* head, std::string_view name) {
  for (const http::Field& field : static_cast<const http::MessageHead*>(head)->fields) {
    if (!field.drop && equals_ignoring_case(field.name, name)) return field.value;
  }
  return {};
}

std::uint64_t head_size(const http::ResponseHead& head) {
  std::size_t field_bytes = 0;
  for (const http::Field& field : head.fields) field_bytes += field.name.size() + field.value.size();
  return stats::haproxy_head_size(head.reason.size(), field_bytes,
                                  head.framing.kind == http::BodyKind::kChunked);
}

}  // namespace

void Exchange::write_access_log(Code cause, int status) {
  stats::AccessRecord record;
  if (frontend_->is_tcp) {
    record.mode = stats::LogMode::kTcp;
    status = 0;  // nobody is told one
  }
  record.frontend = frontend_->name;
  record.client_address = client_.address;
  record.client_port = client_.source->port();
  record.secure = client_.secure;
  record.tls_version = client_.tls_version;
  record.tls_server_name = client_.tls_server_name;
  if (!request_.method_text.empty()) {
    record.version = version_text(request_.version);
    record.method = request_.method_text;
    record.host = asked_.host;
    record.target = asked_.target;
  }
  record.request_head = &request_;
  record.find_request_field = find_field;
  record.cause = cause;
  // A client that left was shown the status all the same.
  record.status = is_responding() && !frontend_->is_tcp ? response_.status : status;
  if (is_responding()) {
    record.answerer = stats::Answerer::kServer;
    record.phase = stats::RequestPhase::kResponseBody;
    record.response_head = &response_;
    record.find_response_field = find_field;
  } else {
    record.answerer = status != 0 ? stats::Answerer::kReseal : stats::Answerer::kNobody;
    record.phase = state_ == State::kRequesting ? stats::RequestPhase::kResponseHead
                   : state_ == State::kQueued   ? stats::RequestPhase::kQueue
                   : backend_ != nullptr        ? stats::RequestPhase::kConnect
                                                : stats::RequestPhase::kRequest;
  }
  if (backend_ != nullptr) record.backend = backend_->settings().name;
  if (server_ != nullptr) {
    record.server = server_->name;
    record.server_address = server_->address_text;
    record.retries = attempts_ - 1;
    record.redispatched = redispatched_;
  }
  record.request_bytes = request_bytes_;
  record.response_bytes = response_bytes_;
  times_.fill(record, context_.loop.now());
  AccessLogs& logs = context_.access_logs;
  record.begun = logs.wall_time(times_.began());
  for (const AccessLog& log : frontend_->access_logs) {
    if (log.format.needs_load()) fill_load(record);
    logs.write(log, record);
  }
}

void Exchange::fill_load(stats::AccessRecord& record) const {
  const auto others = [](std::int64_t count) { return static_cast<std::uint64_t>(count > 0 ? count : 0); };
  record.load.process_connections = context_.process_connections.load(std::memory_order_relaxed);
  record.load.frontend_connections = others(frontend_->counters->open_connections());
  if (backend_ != nullptr) record.load.backend_requests = others(backend_->settings().counters->in_flight());
  if (server_ != nullptr)
    record.load.server_requests = others(server_->counters.in_flight() - (lease_.is_held() ? 1 : 0));
  if (is_responding() && !frontend_->is_tcp) record.response_head_bytes = head_size(response_);
}

}  // namespace reseal::proxy
