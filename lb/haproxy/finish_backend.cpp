#include <algorithm>

#include "lb/haproxy/finish.h"

namespace reseal::haproxy {
namespace {

constexpr int kQueueLength = 1'000'000;  // HAProxy's has no limit of its own

/// What reseal has once a backend must not differ from server to server.
template <class Value, class Get>
bool all_alike(const std::vector<ServerDraft>& servers, const Value& first, Get get) {
  return std::ranges::all_of(servers,
                             [&](const ServerDraft& server) { return get(server.options) == first; });
}

/// Without where it was written.
config::ClientTls bare(config::ClientTls tls) {
  tls.place = tls.ca_place = tls.certificate_place = tls.key_place = {};
  return tls;
}

void take_tls(Translator& translator, const ProxyDraft& draft, const Line& line, config::Backend& backend) {
  const ServerOptions& first = draft.servers.front().options;
  const bool alike =
      all_alike(draft.servers, first.tls, [](const ServerOptions& o) { return o.tls; }) &&
      all_alike(draft.servers, bare(first.tls_settings),
                [](const ServerOptions& o) { return bare(o.tls_settings); }) &&
      all_alike(draft.servers, first.verify_none, [](const ServerOptions& o) { return o.verify_none; }) &&
      all_alike(draft.servers, first.sni, [](const ServerOptions& o) { return o.sni; }) &&
      all_alike(draft.servers, first.protocol, [](const ServerOptions& o) { return o.protocol; }) &&
      all_alike(draft.servers, first.send_proxy, [](const ServerOptions& o) { return o.send_proxy; });
  if (!alike) {
    translator.error(line, 1,
                     "the servers of '" + draft.name +
                         "' differ in their TLS, protocol or PROXY header, which is not there yet: make two "
                         "backends of them");
    return;
  }
  backend.send_proxy = first.send_proxy;
  if (!first.tls) {
    backend.plaintext = config::Plaintext::kAllowed;
    translator.notice(
        line,
        draft.mode == config::Mode::kTcp
            ? "the servers of '" + draft.name +
                  "' get what clients send as it is, without TLS of reseal's own"
            : "the servers of '" + draft.name +
                  "' get plaintext: add 'ssl verify required ca-file FILE' to their lines to encrypt it");
    return;
  }
  backend.protocol = first.protocol;  // without TLS nothing agrees on one
  backend.tls = first.tls_settings;
  backend.tls->place = draft.servers.front().place;
  backend.tls->verify = !first.verify_none;
  backend.tls->sni = first.sni;
  backend.tls->verify_host = first.sni;  // a server's own verifyhost comes first
  if (first.verify_none) {
    translator.notice(line, "the servers of '" + draft.name +
                                "' are not verified ('verify none'): anybody between may read; 'verify "
                                "required ca-file FILE' prevents it");
  } else if (backend.tls->verify_host.empty() && first.verify_host.empty()) {
    translator.notice(
        line,
        "the names in the certificates of the servers of '" + draft.name +
            "' must be those of the 'server' lines, unless 'verifyhost' or 'sni str(NAME)' says another");
  }
}

void take_check(Translator& translator, const ProxyDraft& draft, const Line& line, config::Backend& backend) {
  const auto checked =
      std::ranges::find_if(draft.servers, [](const ServerDraft& server) { return server.options.check; });
  backend.passive.enabled = false;
  backend.outlier.enabled = false;
  if (checked == draft.servers.end()) return;
  const ServerOptions& first = checked->options;
  const bool alike = std::ranges::all_of(draft.servers, [&](const ServerDraft& server) {
    const ServerOptions& options = server.options;
    return options.check && options.interval == first.interval &&
           options.fast_interval == first.fast_interval && options.down_interval == first.down_interval &&
           options.rise == first.rise && options.fall == first.fall;
  });
  if (!alike) {
    translator.notice(line, "the servers of '" + draft.name +
                                "' differ in their checks: all are checked as '" + checked->name + "' is");
  }
  config::Check check;
  check.place = checked->place;
  check.kind = draft.check.is_http ? config::CheckKind::kHttp : config::CheckKind::kTcp;
  check.method = draft.check.method;
  check.path = draft.check.path;
  check.host = draft.check.host;
  check.expect_status = draft.check.expect_status;
  if (first.interval) check.interval = *first.interval;
  check.fast_interval = first.fast_interval.value_or(check.interval);
  check.down_interval = first.down_interval.value_or(check.interval);
  check.timeout = draft.timeouts.check.value_or(check.interval);
  check.rise = first.rise;
  check.fall = first.fall;
  backend.check = check;
}

void take_timeouts(Translator& translator, const ProxyDraft& draft, const Line& line,
                   config::Backend& backend) {
  const TimeoutsDraft& said = draft.timeouts;
  if (!said.server || !said.connect) {
    translator.notice(line, "no 'timeout server' or 'timeout connect' holds for '" + draft.name +
                                "': reseal's own limits do (docs/configuration.md, timeouts)");
  }
  config::BackendTimeouts& timeouts = backend.timeouts;
  timeouts.place = draft.place;
  if (said.connect) timeouts.connect = *said.connect;
  if (said.server) timeouts.response = timeouts.idle = *said.server;
  if (said.tunnel) {
    timeouts.tunnel = *said.tunnel;
  } else if (said.server) {
    timeouts.tunnel = *said.server;
  }
  if (said.client_fin) timeouts.tunnel_half_closed = *said.client_fin;
  if (const auto waits = said.queue ? said.queue : said.connect) backend.queue.timeout = *waits;
  backend.queue.length = kQueueLength;
}

config::Server finish_server(const ServerDraft& draft) {
  config::Server server;
  server.name = draft.name;
  server.host = draft.host;
  server.port = draft.port;
  server.weight = draft.options.weight;
  server.backup = draft.options.backup;
  server.max_requests = draft.options.max_connections;
  server.verify_host = draft.options.verify_host;
  server.place = draft.place;
  return server;
}

}  // namespace

config::Backend finish_backend(Translator& translator, const ProxyDraft& draft, const Line& line) {
  config::Backend backend;
  backend.name = draft.name;
  backend.rule_lines = finish_rules(translator, draft, line);
  backend.place = draft.place;
  backend.balance = draft.balance;
  if (!draft.servers.empty()) take_tls(translator, draft, line, backend);
  take_check(translator, draft, line, backend);
  take_timeouts(translator, draft, line, backend);
  // Connections that fail are tried again, nothing else is (retry-on), and without a budget.
  backend.retry.attempts = draft.retries;
  backend.retry.empty_response = backend.retry.response_timeout = false;
  backend.retry.budget_percent = 100;
  bool has_backup = false;
  for (const ServerDraft& server : draft.servers) {
    const bool is_idle_backup = server.options.backup && !draft.all_backups && has_backup;
    has_backup = has_backup || (server.options.backup && !server.options.disabled);
    if (is_idle_backup) {
      translator.notice(line, "backup server '" + server.name +
                                  "' is left out: without 'option allbackups' only the first backup serves");
    } else if (server.options.disabled) {
      translator.notice(line, "server '" + server.name +
                                  "' is disabled and left out: it cannot be enabled while reseal runs");
    } else {
      backend.servers.push_back(finish_server(server));
    }
    if (server.options.slow_start) backend.slow_start = *server.options.slow_start;
  }
  backend.message_logs = finish_targets(translator, draft);
  backend.logs_checks = draft.log.checks;
  backend.is_listen = draft.is_frontend;
  return backend;
}

}  // namespace reseal::haproxy
