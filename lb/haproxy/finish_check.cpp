#include "lb/haproxy/finish_check.h"

#include <algorithm>

#include "lb/base/text.h"

namespace reseal::haproxy {
namespace {

using config::CheckConnect;
using config::CheckRequest;
using config::CheckStep;

/// Where checks of the server go unless a step says otherwise. What traffic does over TLS and behind a PROXY header is not
/// carried over to another address or port.
CheckConnect default_connect(const ServerOptions& server) {
  const ServerCheckOptions& options = server.checking;
  const bool elsewhere = options.port != 0 || !options.host.empty();
  CheckConnect connect;
  connect.host = options.host;
  connect.port = options.port;
  connect.tls = options.tls ? options.tls : elsewhere ? std::optional(false) : std::nullopt;
  connect.sni = options.sni;
  connect.alpn = options.alpn;
  if (options.send_proxy || elsewhere) connect.send_proxy = options.send_proxy;
  return connect;
}

/// A step's own words, and behind them the server's.
CheckConnect merged(const CheckStepDraft& draft, const ServerOptions& server) {
  CheckConnect said = std::get<CheckConnect>(draft.step.what);
  const CheckConnect usual = default_connect(server);
  if (said.host.empty()) said.host = usual.host;
  if (said.port == 0) said.port = usual.port;
  if (!draft.takes_default) return said;
  if (said.tls == false) said.tls = usual.tls;
  if (said.send_proxy == false) said.send_proxy = usual.send_proxy;
  if (said.sni.empty()) said.sni = usual.sni;
  if (said.alpn == config::CheckAlpn::kNone) said.alpn = usual.alpn;
  return said;
}

/// `send` with what `httpchk` says where it says nothing.
CheckRequest request_of(CheckSendDraft send, const CheckSendDraft& httpchk, bool tells_state) {
  CheckRequest request;
  request.method = send.method.value_or(httpchk.method.value_or("OPTIONS"));
  request.target = send.target.value_or(httpchk.target.value_or("/"));
  const std::string version = send.version.value_or(httpchk.version.value_or("HTTP/1.0"));
  request.is_http10 = version.empty() || version == "HTTP/1.0";
  if (send.fields.empty()) send.fields = httpchk.fields;
  request.body = send.body.empty() ? httpchk.body : send.body;
  for (auto& [name, value] : send.fields) {
    if (equals_ignoring_case(name, "host")) {
      request.host = value;
    } else {
      request.fields.emplace_back(std::move(name), std::move(value));
    }
  }
  request.tells_state = tells_state;
  return request;
}

CheckStep usual_status() {
  config::CheckExpect status;
  status.statuses = {{200, 399}};
  status.error = config::CheckStatus::kL7Status;
  return {status, "", false};
}

/// httpchk's own request comes first, behind a step that connects; a `send` that stands there already is that request.
void place_request(const CheckDraft& check, std::vector<CheckStepDraft>& steps) {
  const auto is = [&]<class Kind>(std::size_t at, const Kind*) {
    return at < steps.size() && std::holds_alternative<Kind>(steps[at].step.what);
  };
  const std::size_t at = is(0, static_cast<const CheckConnect*>(nullptr)) ? 1 : 0;
  if (is(at, static_cast<const CheckRequest*>(nullptr))) return;
  CheckStepDraft request;
  request.step.what = CheckRequest{};
  request.send = check.httpchk;
  steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(at), std::move(request));
}

std::vector<CheckStep> steps_of(const CheckDraft& check, const ServerOptions& server) {
  std::vector<CheckStepDraft> drafts;
  if (check.kind == CheckDraftKind::kHttp) {
    drafts = check.http_steps;
    place_request(check, drafts);
  } else if (check.kind == CheckDraftKind::kTcp) {
    drafts = check.tcp_steps;
  } else {
    for (const CheckStep& step : check.canned) drafts.push_back({step, {}, true});
  }
  std::vector<CheckStep> steps;
  if (drafts.empty() || !std::holds_alternative<CheckConnect>(drafts.front().step.what))
    steps.push_back({default_connect(server), "", true});
  bool is_first = true;
  for (CheckStepDraft& draft : drafts) {
    CheckStep step = draft.step;
    if (std::holds_alternative<CheckConnect>(step.what)) {
      step.what = check.kind == CheckDraftKind::kCanned ? default_connect(server) : merged(draft, server);
    } else if (std::holds_alternative<CheckRequest>(step.what)) {
      step.what = request_of(draft.send, is_first ? check.httpchk : CheckSendDraft{}, check.tells_state);
      is_first = false;
    }
    steps.push_back(std::move(step));
  }
  const bool lacks_end =
      check.kind == CheckDraftKind::kHttp && !std::holds_alternative<config::CheckExpect>(steps.back().what);
  if (lacks_end) steps.push_back(usual_status());
  return steps;
}

bool needs_tls(const std::vector<CheckStep>& steps) {
  return std::ranges::any_of(steps, [](const CheckStep& step) {
    const auto* connect = std::get_if<CheckConnect>(&step.what);
    return connect != nullptr && connect->tls == true;
  });
}

/// Nothing but connecting has a kind of its own.
void simplify(config::Check& check) {
  if (check.steps.size() != 1 || !check.steps.front().implied) return;
  check.kind = config::CheckKind::kTcp;
  check.connect = std::get<CheckConnect>(check.steps.front().what);
  check.steps.clear();
}

}  // namespace

config::OwnCheck finish_check(const ProxyDraft& draft, const ServerDraft& server,
                              const config::ClientTls& tls) {
  config::OwnCheck own;
  const ServerOptions& options = server.options;
  if (!options.check) return own;
  config::Check check;
  check.place = server.place;
  check.kind = config::CheckKind::kSteps;
  check.steps = steps_of(draft.check, options);
  check.tells_steps = draft.check.kind == CheckDraftKind::kTcp && !draft.check.tcp_steps.empty();
  check.drains_on_404 = draft.check.drains_on_404;
  check.is_logged = draft.check.is_logged;
  check.doubts_first = true;
  if (options.interval) check.interval = *options.interval;
  check.fast_interval = options.fast_interval.value_or(check.interval);
  check.down_interval = options.down_interval.value_or(check.interval);
  check.timeout = draft.timeouts.check.value_or(check.interval);
  if (draft.timeouts.check)
    check.connect_timeout = std::min(check.interval, draft.timeouts.connect.value_or(check.interval));
  check.rise = options.rise;
  check.fall = options.fall;
  if (!options.tls && needs_tls(check.steps)) own.tls = tls;
  simplify(check);
  own.check = std::move(check);
  return own;
}

config::Passive finish_passive(const ServerCheckOptions& options) {
  config::Passive passive;
  passive.enabled = options.observes_connections || options.observes_responses;
  passive.connect_failures = options.error_limit;
  passive.server_errors = options.observes_responses ? options.error_limit : 0;
  passive.then = options.on_error;
  return passive;
}

namespace {

/// A check has no client whose port the server's could follow.
void check_ports(Translator& translator, const ProxyDraft& draft) {
  const bool is_said = std::ranges::any_of(draft.check.tcp_steps, [](const CheckStepDraft& step) {
    const auto* connect = std::get_if<CheckConnect>(&step.step.what);
    return connect != nullptr && connect->port != 0;
  });
  for (const ServerDraft& server : draft.servers) {
    const ServerOptions& options = server.options;
    if (!options.check || !server.port_offset || options.checking.port != 0 || is_said) continue;
    translator.problems.push_back(
        {config::Severity::kError,
         {},
         server.place,
         "server '" + server.name + "' has neither a port of its own nor one for its check: add 'port PORT'",
         {}});
  }
}

}  // namespace

void tell_of_checks(Translator& translator, const ProxyDraft& draft, const Line& line) {
  check_ports(translator, draft);
  const CheckDraft& check = draft.check;
  const auto tell = [&](bool idle, const char* rules, const char* option) {
    if (idle)
      translator.notice(line, std::string("the rules of '") + rules + "' of '" + draft.name +
                                  "' have no effect without '" + option + "'");
  };
  tell(draft.has_own_http_check && !check.http_steps.empty() && check.kind != CheckDraftKind::kHttp,
       "http-check", "option httpchk");
  tell(draft.has_own_tcp_check && !check.tcp_steps.empty() && check.kind != CheckDraftKind::kTcp, "tcp-check",
       "option tcp-check");
}

}  // namespace reseal::haproxy
