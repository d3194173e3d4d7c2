#include "lb/proxy/exchange_account.h"

#include <fmt/format.h>

#include <array>

#include "lb/base/text.h"
#include "lb/proxy/log_evaluation.h"
#include "lb/proxy/server_side.h"

namespace reseal::proxy {
namespace {

constexpr std::size_t kMostUniqueId = 1024;

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

std::size_t size_of_fields(const http::MessageHead& head) {
  std::size_t bytes = 0;
  for (const http::Field& field : head.fields) bytes += field.name.size() + field.value.size();
  return bytes;
}

std::uint64_t head_size(const http::ResponseHead& head) {
  return stats::haproxy_head_size(head.reason.size(), size_of_fields(head),
                                  head.framing.kind == http::BodyKind::kChunked);
}

std::uint64_t head_size(const http::RequestHead& head) {
  if (head.method_text.empty()) return 0;
  std::size_t dropped = 0;
  for (const http::Field& field : head.fields) {
    if (field.id == http::FieldName::kConnection) dropped += field.name.size() + field.value.size();
  }
  return stats::haproxy_request_head_size(head.method_text.size() + head.target.size(),
                                          size_of_fields(head) - dropped);
}

stats::RequestPhase phase_of(const ServerSide& server_side, Code cause) {
  if (cause == Code::kQueueFull) return stats::RequestPhase::kQueue;
  switch (server_side.phase()) {
    case ServerSide::Phase::kQueued:
      return stats::RequestPhase::kQueue;
    case ServerSide::Phase::kRequesting:
    case ServerSide::Phase::kAnswered:  // and a rule refused the response
      return stats::RequestPhase::kResponseHead;
    default:
      return server_side.backend() != nullptr && cause != Code::kRequestDenied
                 ? stats::RequestPhase::kConnect
                 : stats::RequestPhase::kRequest;
  }
}

}  // namespace

void ExchangeAccount::begin(const Frontend& frontend, const ClientFacts& client, http::RequestHead& request) {
  frontend_ = &frontend;
  client_ = client;
  host_ = request.authority;
  method_ = request.method_text;
  target_ = request.target;
  request_bytes = response_bytes = 0;
  coding = {};
  request_head_bytes_ = head_size(request);  // as it came: fields are added and taken away later
  times.begin(client.head_began, context_.loop.now());
  stats::TrafficCounters& counters = frontend.counters->of(context_.worker);
  counters.requests.add();
  counters.in_flight.add(1);
  request_number_ = context_.request_count++ * frontend.counters->workers() +
                    static_cast<std::uint64_t>(context_.worker) + 1;
  captures_.clear();
  is_logged_ = false;
  if (request.method_text.empty() && !frontend.is_tcp) return;
  if (!frontend.captures.empty()) captures_.take_request(frontend.captures, request);
  if (frontend.unique_id) name_request(request);
  if (frontend.log_policy.announces && !frontend.access_logs.empty()) announce();
}

void ExchangeAccount::announce() const {
  const auto line =
      fmt::format("Connect from {}:{} to {}:{} ({}/{})", client_.address, client_.source->port(),
                  client_.destination->host(), client_.destination->port(), frontend_->name,
                  frontend_->is_tcp ? "TCP" : "HTTP");
  for (const AccessLog& log : frontend_->access_logs)
    context_.access_logs.write_text(log.target, line, stats::LogLevel::kInformational);
}

void ExchangeAccount::name_request(http::RequestHead& request) const {
  stats::AccessRecord record;
  if (frontend_->is_tcp) record.mode = stats::LogMode::kTcp;
  describe_client(record, request);
  times.fill(record, context_.loop.now());
  record.begun = context_.access_logs.wall_time(times.began());
  const std::uint8_t needs = frontend_->unique_id->needs();
  describe_local(record, needs, request);
  const LogEvaluation evaluation(record, client_, request, nullptr, nullptr, nullptr, context_.loop.now());
  record.evaluation = &evaluation.get();
  std::array<char, kMostUniqueId> room;
  request.request_id = request.arena.copy(context_.access_logs.text(*frontend_->unique_id, record, room));
}

void ExchangeAccount::take_response(const http::ResponseHead& response, Arena& arena) {
  if (!frontend_->captures.empty()) captures_.take_response(frontend_->captures, response, arena);
}

void ExchangeAccount::respond(const Ending& ending) {
  if (frontend_->log_policy.early && !frontend_->access_logs.empty() && !ending.rules.is_silent())
    write_access_log(ending, true);
}

void ExchangeAccount::close(const Ending& ending) {
  count(ending);
  if (!frontend_->access_logs.empty() && !ending.rules.is_silent() && !is_logged_ &&
      !frontend_->log_policy.announces)
    write_access_log(ending, false);
}

void ExchangeAccount::count(const Ending& ending) {
  const auto status_class = static_cast<std::size_t>(ending.status / 100);
  const auto latency = std::chrono::duration_cast<Microseconds>(context_.loop.now() - times.head_complete());
  const std::uint64_t response_head = ending.relayed && !frontend_->is_tcp ? head_size(ending.response) : 0;
  const auto count = [&](stats::TrafficCounters& counters, bool in_flight) {
    counters.head_bytes_in.add(request_head_bytes_);
    counters.head_bytes_out.add(response_head);
    counters.responses[status_class].add();
    counters.bytes_in.add(request_bytes);
    counters.bytes_out.add(response_bytes);
    if (ending.cause != Code::kOk) counters.failures[static_cast<std::size_t>(ending.cause)].add();
    counters.latency.record(latency);
    if (in_flight) counters.in_flight.add(-1);
  };
  count(frontend_->counters->of(context_.worker), true);
  const ServerSide& server_side = ending.server_side;
  if (server_side.backend() == nullptr) return;
  const stats::RequestSpans spans = times.spans(context_.loop.now());
  count(server_side.backend()->counters(), true);
  server_side.backend()->counters().times.record(spans);
  // The server's in_flight belongs to the lease; what it did not answer is not counted as its response.
  if (!server_side.lease().is_held()) return;
  stats::TrafficCounters& server = server_side.lease().pool().counters();
  count(server, false);
  server.times.record(spans);
}

void ExchangeAccount::write_access_log(const Ending& ending, bool early) {
  is_logged_ = true;
  stats::AccessRecord record;
  record.is_early = early;
  if (frontend_->is_tcp) record.mode = stats::LogMode::kTcp;
  record.cause = ending.cause;
  record.request_bytes = request_bytes;
  record.response_bytes = response_bytes;
  record.coding = coding;
  describe_client(record, ending.request);
  describe_answer(record, ending);
  const ServerSide& server_side = ending.server_side;
  if (server_side.backend() != nullptr) {
    record.backend = server_side.settings().name;
    record.cookie_letters = server_side.persistence().log_letters();
  }
  if (const backends::ServerState* server = server_side.server()) {
    record.server = server->name;
    record.server_address = server_side.server_address();
    record.retries = server_side.retries();
    record.redispatched = server_side.is_redispatched();
  }
  times.fill(record, context_.loop.now());
  AccessLogs& logs = context_.access_logs;
  record.begun = logs.wall_time(times.began());
  const std::uint8_t needs = frontend_->log_needs;
  if ((needs & stats::kLogNeedsLoad) != 0) describe_load(record, ending);
  describe_local(record, needs, ending.request);
  if ((needs & stats::kLogNeedsSource) != 0 && server_side.lease().is_held()) {
    const net::Address& source = server_side.stream().local();
    char room[INET6_ADDRSTRLEN];
    record.source_address = ending.request.arena.copy(source.host(room));
    record.source_port = source.port();
  }
  const auto level = level_of(record, ending.rules);
  if (!level) return;
  if ((needs & stats::kLogNeedsEvaluation) == 0) return write_lines(record, *level);
  const RuleEvaluation& lines = ending.rules.lines();
  const LogEvaluation evaluation(record, client_, ending.request, ending.relayed ? &ending.response : nullptr,
                                 lines.is_on() ? &lines.context() : nullptr, &server_side,
                                 context_.loop.now());
  record.evaluation = &evaluation.get();
  write_lines(record, *level);
}

std::optional<stats::LogLevel> ExchangeAccount::level_of(const stats::AccessRecord& record,
                                                         const RequestRules& rules) const {
  const stats::LogPolicy& policy = frontend_->log_policy;
  const auto& said = rules.lines().overrides().log_level;
  const auto usual = said ? static_cast<stats::LogLevel>(*said) : stats::LogLevel::kInformational;
  if (!policy.only_errors && !policy.separate_errors) return usual;
  constexpr int kServerErrors = 500;
  const bool has_failed = record.cause != Code::kOk || record.retries != 0 || record.status >= kServerErrors;
  if (!has_failed && policy.only_errors) return std::nullopt;
  return has_failed && policy.separate_errors ? stats::LogLevel::kError : usual;
}

void ExchangeAccount::write_lines(const stats::AccessRecord& record, stats::LogLevel level) const {
  for (const AccessLog& log : frontend_->access_logs) context_.access_logs.write(log, record, level);
}

void ExchangeAccount::describe_client(stats::AccessRecord& record, const http::RequestHead& request) const {
  record.frontend = frontend_->name;
  record.client_address = client_.address;
  record.client_port = client_.source->port();
  record.secure = client_.secure;
  record.tls_version = client_.tls_version;
  record.tls_server_name = client_.tls_server_name;
  record.tls_cipher = client_.tls_cipher;
  record.handshake_time = client_.handshake_time;
  record.idle_time = client_.idle_time;
  record.unique_id = request.request_id;
  record.request_number = request_number_;
  record.captures = captures_.view();
  if (!request.method_text.empty()) {
    record.version = version_text(request.version);
    record.method = method_;
    record.host = host_;
    record.target = target_;
  }
  record.request_head = &request;
  record.find_request_field = find_field;
}

void ExchangeAccount::describe_local(stats::AccessRecord& record, std::uint8_t needs,
                                     http::RequestHead& request) const {
  if ((needs & stats::kLogNeedsLocal) == 0) return;
  record.local_address = request.arena.copy(client_.destination->host());
  record.local_port = client_.destination->port();
}

void ExchangeAccount::describe_answer(stats::AccessRecord& record, const Ending& ending) const {
  const int status = frontend_->is_tcp ? 0 : ending.status;  // nobody is told one
  if (ending.relayed) {
    // A client that left was shown the status all the same.
    record.status = frontend_->is_tcp ? 0 : ending.response.status;
    record.answerer = stats::Answerer::kServer;
    record.phase = stats::RequestPhase::kResponseBody;
    record.response_head = &ending.response;
    record.find_response_field = find_field;
  } else {
    record.status = status;
    record.answerer = status != 0 ? stats::Answerer::kReseal : stats::Answerer::kNobody;
    record.phase = phase_of(ending.server_side, ending.cause);
  }
}

void ExchangeAccount::describe_load(stats::AccessRecord& record, const Ending& ending) const {
  const auto others = [](std::int64_t count) { return static_cast<std::uint64_t>(count > 0 ? count : 0); };
  record.load.process_connections = context_.process_connections.load(std::memory_order_relaxed);
  record.load.frontend_connections = others(frontend_->counters->open_connections());
  const ServerSide& server_side = ending.server_side;
  if (server_side.backend() != nullptr)
    record.load.backend_requests = others(server_side.settings().counters->in_flight());
  if (server_side.server() != nullptr)
    record.load.server_requests = others(server_side.server()->counters.in_flight() -
                                         (server_side.lease().is_held() && !record.is_early ? 1 : 0));
  if ((frontend_->log_needs & stats::kLogNeedsLineNumber) != 0)
    record.line_number = frontend_->counters->requests() - 1;
  record.request_head_bytes = request_head_bytes_;
  if (ending.relayed && !frontend_->is_tcp) record.response_head_bytes = head_size(ending.response);
}

}  // namespace reseal::proxy
