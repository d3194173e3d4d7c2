#include <algorithm>

#include "lb/haproxy/capture_keywords.h"
#include "lb/haproxy/finish.h"

namespace reseal::haproxy {
namespace {

/// In mode tcp no protocols are offered unless they are named.
void offer_what_is_said(const BindDraft& bind, config::ServerTls& tls) {
  if (bind.says_alpn) return;
  tls.alpn.clear();
  for (std::size_t i = 0; i < tls.listed.size(); ++i) {
    if (tls.listed[i].settings &&
        std::ranges::find(bind.lists_saying_alpn, i) == bind.lists_saying_alpn.end())
      tls.listed[i].settings->alpn.clear();
  }
}

void take_binds(const ProxyDraft& draft, config::Frontend& frontend) {
  for (const BindDraft& bind : draft.binds) {
    for (config::Bind made : bind.addresses) {
      made.socket = bind.socket;
      made.number = bind.number;
      made.name = bind.name;
      made.h2c = bind.h2c;
      if (bind.accept_proxy) made.accept_proxy = {"0.0.0.0/0", "::/0"};
      if (bind.tls) {
        made.tls = config::BindTls::kOwn;
        made.own_tls = bind.tls_settings;
        made.own_tls.place = bind.place;
        if (draft.mode == config::Mode::kTcp) offer_what_is_said(bind, made.own_tls);
      }
      frontend.binds.push_back(std::move(made));
    }
  }
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
  frontend.rule_lines.balance_hash.clear();  // it has no servers to choose from
  const TimeoutsDraft& said = draft.timeouts;
  frontend.tarpit = said.tarpit ? *said.tarpit : said.connect.value_or(Duration(0));
  frontend.inspect_delay = draft.inspect_delay;
  if (draft.mode == config::Mode::kTcp) return;
  frontend.error_pages = draft.error_pages;
  frontend.trusted_proxies = {"0.0.0.0/0", "::/0"};
  frontend.underscore_fields = config::UnderscoreFields::kKeep;
  frontend.path.encoded_slash = frontend.path.backslash = config::OddPath::kKeep;
  frontend.path.send = config::SentPath::kAsReceived;
}

/// Clients' own fields get through, as with HAProxy: what is added to them is said by options.
void take_http(const ProxyDraft& draft, config::Frontend& frontend) {
  frontend.forwarded = config::ForwardedFields::kOff;
  frontend.address_fields = draft.address_fields;
  frontend.compression = finish_compression(draft);
  frontend.connections.one_request = draft.connection_mode == ConnectionMode::kClose;
  frontend.connections.server_closes = draft.connection_mode != ConnectionMode::kKeepAlive;
}

}  // namespace

config::Frontend finish_frontend(Translator& translator, const ProxyDraft& draft, const Line& line) {
  config::Frontend frontend;
  frontend.name = draft.name;
  frontend.place = draft.place;
  frontend.mode = draft.mode;
  frontend.number = draft.number;
  frontend.is_listen = draft.is_backend;
  frontend.unreachable_is_503 = true;
  if (draft.stats_page && draft.mode == config::Mode::kTcp) {
    translator.notice(line, "the 'stats' of '" + draft.name + "' have no effect: they need mode http");
  } else {
    frontend.stats_page = draft.stats_page;
  }
  take_binds(draft, frontend);
  take_timeouts(translator, draft, line, frontend.timeouts);
  // default_backend comes before the servers that a `listen` has itself.
  const bool serves_itself = draft.default_backend.empty() && !draft.servers.empty();
  frontend.default_backend = serves_itself ? draft.name : draft.default_backend;
  frontend.default_place = serves_itself ? draft.place : draft.default_backend_place;
  frontend.connections = draft.clients;
  if (draft.mode == config::Mode::kHttp) take_http(draft, frontend);
  take_requests(translator, draft, line, frontend);
  check_captures(translator, draft, line);
  finish_logs(translator, draft, frontend);
  return frontend;
}

}  // namespace reseal::haproxy
