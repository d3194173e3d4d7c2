#include "lb/runtime/log_builder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "lb/base/host_name.h"
#include "lb/rules/expression/log_format.h"
#include "lb/runtime/log_sink.h"
#include "lb/runtime/log_thread.h"

namespace reseal::runtime {
namespace {

stats::LogHeader header_of(const config::AccessLog& log) {
  std::string host = log.delivery.host;
  // Without the domain, as RFC 3164 4.1.2 wants it.
  if (host.empty()) {
    const std::string name = host_name();
    host = name.empty() ? "localhost" : name.substr(0, name.find('.'));
  }
  return {log.delivery.form, {log.facility, host, log.tag, std::to_string(::getpid())}};
}

std::vector<proxy::Capture> captures_of(const std::vector<config::LogCapture>& settings) {
  std::vector<proxy::Capture> captures;
  for (const config::LogCapture& capture : settings) captures.push_back({capture.name, capture.most_bytes});
  return captures;
}

}  // namespace

LogBuilder::LogBuilder(LogThread* logs, Report report) : logs_(logs), report_(std::move(report)) {}

void LogBuilder::build(const config::Configuration& configuration, const config::Frontend& settings,
                       const rules::expression::Environment& environment, proxy::Frontend& frontend) {
  environment_ = &environment;
  std::uint8_t needs = 0;
  for (const config::AccessLog& log :
       settings.access_logs ? *settings.access_logs : configuration.access_logs) {
    auto target = build_target(log);
    auto format = build_format(log, settings.mode == config::Mode::kHttp);
    if (!target || !format) continue;
    auto& built = frontend.access_logs.emplace_back(std::move(*format), std::move(*target));
    built.structured_data = compile(log.structured_data, log.place);
    built.failed_handshakes = log.failed_handshakes;
    needs |= built.needs();
  }
  frontend.log_policy = settings.log_policy;
  frontend.error_log_format = compile(settings.error_log_format, settings.place);
  frontend.unique_id = compile(settings.unique_id.format, settings.place);
  if (frontend.unique_id) needs |= frontend.unique_id->needs();
  frontend.unique_id_field = settings.unique_id.field;
  frontend.captures = {captures_of(settings.captures.request_fields),
                       captures_of(settings.captures.response_fields),
                       {settings.captures.cookie.name, settings.captures.cookie.most_bytes}};
  frontend.log_needs = needs;
}

std::vector<stats::LogTarget> LogBuilder::build_targets(const std::vector<config::AccessLog>& logs) {
  std::vector<stats::LogTarget> targets;
  for (const config::AccessLog& log : logs) {
    if (auto target = build_target(log)) targets.push_back(std::move(*target));
  }
  return targets;
}

std::optional<stats::LogTarget> LogBuilder::build_target(const config::AccessLog& log) {
  Result<std::shared_ptr<stats::AccessChannel>> channel;
  if (logs_ != nullptr) {
    channel = logs_->channel(log);
  } else if (const auto checked = check_log_target(log); !checked) {
    channel = std::unexpected(checked.error());
  }
  if (!channel) {
    const Error& error = channel.error();
    report_(log.place,
            fmt::format("access_log {}: {}{}", log.text(), error.detail,
                        error.system != 0 ? fmt::format(": {}", std::strerror(error.system)) : ""));
    return std::nullopt;
  }
  const config::LogDelivery& delivery = log.delivery;
  stats::LogTarget target{
      std::move(*channel), header_of(log), delivery.least_severe, delivery.most_severe, delivery.most_bytes,
      delivery.marks_cuts, nullptr};
  if (!delivery.sample.empty())
    target.sample = std::make_shared<stats::LogSample>(delivery.sample, delivery.sample_size);
  return target;
}

std::optional<stats::LogFormat> LogBuilder::build_format(const config::AccessLog& log, bool has_requests) {
  if (log.haproxy_format) {
    if (log.format.empty()) return stats::LogFormat(stats::HaproxyFormat());
    auto format = compile(log.format, log.place);
    if (!format) return std::nullopt;
    return stats::LogFormat(std::move(*format));
  }
  // Where no requests are read HAProxy, too, writes connections.
  auto format = stats::LogFormat::compile(log.format == "httplog" && !has_requests ? "tcplog" : log.format);
  if (!format) return std::nullopt;  // validation has compiled it too
  return std::move(*format);
}

std::optional<stats::HaproxyFormat> LogBuilder::compile(const std::string& text, config::Place place) {
  if (text.empty()) return std::nullopt;
  auto format = rules::expression::compile_log_format(text, *environment_);
  if (format) return std::move(*format);
  report_(place, "log format: " + format.error().message);
  return std::nullopt;
}

}  // namespace reseal::runtime
