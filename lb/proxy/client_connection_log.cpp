// Lines of the access log about clients that come to no request.
#include <fmt/format.h>

#include "lb/proxy/client_connection.h"
#include "lb/proxy/log_evaluation.h"

namespace reseal::proxy {
namespace {

constexpr int kBadRequest = 400;

/// HAProxy's words.
std::string_view handshake_text(Code cause) {
  switch (cause) {
    case Code::kClientGone:
      return "Connection closed during SSL handshake";
    case Code::kClientTimeout:
      return "Timeout during SSL handshake";
    default:
      return "SSL handshake failure";
  }
}

}  // namespace

stats::AccessRecord ClientConnection::bare_record(const ClientFacts& client) const {
  stats::AccessRecord record;
  record.begun = context_.access_logs.wall_time(idle_since_);
  record.frontend = frontend_->name;
  record.client_address = client.address;
  record.client_port = client.source->port();
  record.secure = client.secure;
  record.tls_version = client.tls_version;
  record.tls_cipher = client.tls_cipher;
  record.tls_server_name = client.tls_server_name;
  record.load.process_connections = context_.process_connections.load(std::memory_order_relaxed);
  record.load.frontend_connections = static_cast<std::uint64_t>(frontend_->counters->open_connections());
  return record;
}

void ClientConnection::log_failed_handshake(Code cause) {
  const ClientFacts client = facts();
  stats::AccessRecord record = bare_record(client);
  record.cause = cause;
  const stats::LogPolicy& policy = frontend_->log_policy;
  // A client that only connects is none, unless the policy says otherwise.
  const bool is_told = policy.handshake_failures && (cause != Code::kClientGone || policy.null_connections);
  if (is_told) {
    constexpr std::size_t kMostLine = 2048;
    std::array<char, kMostLine> room;
    std::string_view text;
    std::string words;
    http::RequestHead nothing(context_.loop.buffers());
    const LogEvaluation evaluation(record, client, nothing, nullptr, nullptr, nullptr, context_.loop.now());
    record.evaluation = &evaluation.get();
    const std::string local = client.destination->host();
    record.local_address = local;
    record.local_port = client.destination->port();
    if (frontend_->error_log_format) {
      text = context_.access_logs.text(*frontend_->error_log_format, record, room);
    } else {
      const auto date = context_.access_logs.haproxy_date(record.begun);
      const std::string bind = bind_->name.empty() ? std::to_string(bind_->number) : bind_->name;
      words = fmt::format("{}:{} [{}] {}/{}: {}", record.client_address, record.client_port, date,
                          frontend_->name, bind, handshake_text(cause));
      text = words;
    }
    const auto level = policy.separate_errors ? stats::LogLevel::kError : stats::LogLevel::kInformational;
    for (const AccessLog& log : frontend_->access_logs)
      context_.access_logs.write_text(log.target, text, level);
  }
  for (const AccessLog& log : frontend_->access_logs) {
    if (log.failed_handshakes) context_.access_logs.write(log, record);
  }
}

void ClientConnection::log_unheard() {
  const stats::LogPolicy& policy = frontend_->log_policy;
  const bool sent_something = head_began_ != TimePoint();
  if (frontend_->is_tcp || policy.announces || (!sent_something && !policy.null_connections)) return;
  const ClientFacts client = facts();
  stats::AccessRecord record = bare_record(client);
  record.cause = Code::kClientGone;
  record.status = kBadRequest;
  const auto level = policy.separate_errors ? stats::LogLevel::kError : stats::LogLevel::kInformational;
  http::RequestHead nothing(context_.loop.buffers());
  const LogEvaluation evaluation(record, client, nothing, nullptr, nullptr, nullptr, context_.loop.now());
  record.evaluation = &evaluation.get();
  for (const AccessLog& log : frontend_->access_logs) context_.access_logs.write(log, record, level);
}

}  // namespace reseal::proxy
