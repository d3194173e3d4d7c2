#include <algorithm>

#include "lb/haproxy/finish.h"

namespace reseal::haproxy {
namespace {

/// HAProxy's TLS of two binds is the same but for where it was written.
bool same_tls(config::ServerTls a, config::ServerTls b) {
  a.certificate_places = b.certificate_places = {};
  a.place = b.place = {};
  return a == b;
}

void take_binds(Translator& translator, const ProxyDraft& draft, const Line& line,
                config::Frontend& frontend) {
  for (const BindDraft& bind : draft.binds) {
    frontend.binds.insert(frontend.binds.end(), bind.addresses.begin(), bind.addresses.end());
  }
  if (draft.binds.empty()) return;
  const BindDraft& first = draft.binds.front();
  const auto differs_in = [&](const auto& differs) { return std::ranges::any_of(draft.binds, differs); };
  if (differs_in([&](const BindDraft& bind) { return bind.tls != first.tls; })) {
    translator.error(
        line, 1,
        "'" + draft.name +
            "' has binds with and without 'ssl', which is not there yet: make two frontends of it");
  } else if (first.tls && differs_in([&](const BindDraft& bind) {
               return !same_tls(bind.tls_settings, first.tls_settings);
             })) {
    translator.error(line, 1,
                     "the binds of '" + draft.name +
                         "' differ in their TLS, which is not there yet: make two frontends of it");
  }
  if (differs_in([&](const BindDraft& bind) { return bind.accept_proxy != first.accept_proxy; })) {
    translator.error(
        line, 1,
        "'" + draft.name +
            "' has binds with and without 'accept-proxy', which is not there yet: make two frontends of it");
  }
  if (first.accept_proxy) frontend.accept_proxy = {"0.0.0.0/0", "::/0"};
  if (!first.tls) return;
  frontend.tls = first.tls_settings;
  frontend.tls->place = first.place;
  if (draft.mode == config::Mode::kTcp && !first.says_alpn) frontend.tls->alpn.clear();
}

/// HAProxy waits for ever where nothing is said; reseal then keeps its own limits.
void take_timeouts(Translator& translator, const ProxyDraft& draft, const Line& line,
                   config::Timeouts& timeouts) {
  const TimeoutsDraft& said = draft.timeouts;
  if (!said.client) {
    translator.notice(line, "no 'timeout client' holds for '" + draft.name +
                                "': reseal's own limits do (docs/configuration.md, timeouts)");
  }
  const std::optional<Duration> request = said.http_request ? said.http_request : said.client;
  if (request) timeouts.request_head = *request;
  if (said.client) timeouts.response_write = timeouts.handshake = *said.client;
  timeouts.place = draft.place;
  if (draft.mode == config::Mode::kTcp) return;
  if (said.client) timeouts.request_body = *said.client;
  if (const auto idle = said.http_keep_alive ? said.http_keep_alive : request) timeouts.keep_alive = *idle;
}

/// What HAProxy lets pass reaches rules and servers here too: fields that a client sets, and paths in its own spelling.
void take_requests(Translator& translator, const ProxyDraft& draft, const Line& line,
                   config::Frontend& frontend) {
  frontend.rule_lines = finish_rules(translator, draft, line);
  const TimeoutsDraft& said = draft.timeouts;
  frontend.tarpit = said.tarpit ? *said.tarpit : said.connect.value_or(Duration(0));
  frontend.inspect_delay = draft.inspect_delay;
  if (draft.mode == config::Mode::kTcp) return;
  frontend.trusted_proxies = {"0.0.0.0/0", "::/0"};
  frontend.underscore_fields = config::UnderscoreFields::kKeep;
  frontend.path.encoded_slash = frontend.path.backslash = config::OddPath::kKeep;
  frontend.path.send = config::SentPath::kAsReceived;
}

}  // namespace

config::Frontend finish_frontend(Translator& translator, const ProxyDraft& draft, const Line& line) {
  config::Frontend frontend;
  frontend.name = draft.name;
  frontend.place = draft.place;
  frontend.mode = draft.mode;
  take_binds(translator, draft, line, frontend);
  take_timeouts(translator, draft, line, frontend.timeouts);
  // default_backend comes before the servers that a `listen` has itself.
  const bool serves_itself = draft.default_backend.empty() && !draft.servers.empty();
  frontend.default_backend = serves_itself ? draft.name : draft.default_backend;
  frontend.default_place = serves_itself ? draft.place : draft.default_backend_place;
  if (draft.mode == config::Mode::kHttp && !draft.forwardfor)
    frontend.forwarded = config::ForwardedFields::kOff;
  take_requests(translator, draft, line, frontend);
  finish_logs(translator, draft, frontend);
  return frontend;
}

}  // namespace reseal::haproxy
