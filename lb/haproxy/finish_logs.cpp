#include "lb/haproxy/finish.h"
#include "lb/stats/haproxy_format.h"

namespace reseal::haproxy {
namespace {

/// What stands for the host in headers.
std::string host_of(const std::optional<std::string>& said, stats::LogForm form) {
  if (said) return *said;
  return form == stats::LogForm::kRfc5424 ? "-" : "localhost";
}

}  // namespace

std::vector<config::AccessLog> finish_targets(const Translator& translator, const ProxyDraft& draft) {
  const GlobalDraft& global = translator.global;
  std::vector<LogTargetDraft> targets;
  if (draft.log.globally) targets = global.logs;
  targets.insert(targets.end(), draft.log.logs.begin(), draft.log.logs.end());
  std::vector<config::AccessLog> logs;
  for (LogTargetDraft& target : targets) {
    config::AccessLog& log = logs.emplace_back(std::move(target.log));
    if (!target.names_form && global.log_host) log.delivery.form = stats::LogForm::kRfc3164;
    log.delivery.host = host_of(global.log_host, log.delivery.form);
    log.tag = draft.log.tag.empty() ? global.log_tag : draft.log.tag;
  }
  return logs;
}

void finish_logs(Translator& translator, const ProxyDraft& draft, config::Frontend& frontend) {
  const LogDraft& said = draft.log;
  const bool is_tcp = draft.mode == config::Mode::kTcp;
  frontend.access_logs = finish_targets(translator, draft);
  for (config::AccessLog& log : *frontend.access_logs) {
    // Where no requests are read HAProxy, too, writes connections.
    log.format = said.is_of_requests && is_tcp ? std::string(stats::kTcplog) : said.format;
    log.structured_data = said.structured_data;
  }
  frontend.log_policy = said.policy;
  frontend.log_policy.announces = said.format.empty();
  frontend.log_policy.messages = true;
  frontend.log_policy.unheard = frontend.log_policy.handshake_failures = true;
  frontend.log_policy.null_connections = !said.without_null;
  frontend.error_log_format = said.error_format;
  frontend.captures = said.captures;
  frontend.unique_id = said.unique_id;
}

}  // namespace reseal::haproxy
