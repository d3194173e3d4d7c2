#include <algorithm>

#include "lb/base/text.h"
#include "lb/haproxy/finish.h"
#include "lb/haproxy/finish_check.h"

namespace reseal::haproxy {
namespace {

constexpr int kQueueLength = 1'000'000;  // HAProxy's has no limit of its own

/// Without where it was written.
config::ClientTls bare(config::ClientTls tls) {
  tls.place = tls.ca_place = tls.certificate_place = tls.key_place = {};
  return tls;
}
config::Hop bare(config::Hop hop) {
  if (hop.tls) hop.tls = bare(*hop.tls);
  return hop;
}
config::OwnCheck bare(config::OwnCheck own) {
  if (own.check) own.check->place = {};
  if (own.tls) own.tls = bare(*own.tls);
  return own;
}

config::ClientTls tls_of(const ServerDraft& server) {
  const ServerOptions& options = server.options;
  config::ClientTls tls = options.tls_settings;
  tls.place = server.place;
  tls.verify = !options.verify_none;
  tls.sni = options.sni;
  tls.sni_expression = options.sni_expression;
  tls.verify_host = options.sni;
  return tls;
}

config::Hop hop_of(const ServerDraft& server) {
  const ServerOptions& options = server.options;
  config::Hop hop;
  hop.send_proxy = options.send_proxy;
  if (hop.send_proxy == config::SendProxy::kV2) hop.proxy_additions = options.proxy_additions;
  // Without TLS nothing agrees on a protocol.
  if (options.tls || options.protocol == config::Protocol::kH2) hop.protocol = options.protocol;
  if (options.tls) hop.tls = tls_of(server);
  return hop;
}

/// Names, for a message: "'a', 'b' and 3 more".
template <class Holds>
std::string names_of(const ProxyDraft& draft, Holds holds) {
  constexpr std::size_t kMostNames = 5;
  std::string text;
  std::size_t count = 0;
  for (const ServerDraft& server : draft.servers) {
    if (!holds(server.options) || ++count > kMostNames) continue;
    text += (text.empty() ? "'" : ", '") + server.name + "'";
  }
  return count > kMostNames ? text + " and " + std::to_string(count - kMostNames) + " more" : text;
}

void tell_of_hops(Translator& translator, const ProxyDraft& draft, const Line& line) {
  const auto all = static_cast<std::ptrdiff_t>(draft.servers.size());
  const auto tell = [&](auto holds, const std::string& text) {
    const auto count =
        std::ranges::count_if(draft.servers, [&](const ServerDraft& s) { return holds(s.options); });
    if (count == 0) return;
    const std::string who = count == all ? "the servers" : "servers " + names_of(draft, holds);
    translator.notice(line, who + " of '" + draft.name + "' " + text);
  };
  const auto is_plain = [](const ServerOptions& o) { return !o.tls; };
  tell(is_plain, draft.mode == config::Mode::kTcp
                     ? "get what clients send as it is, without TLS of reseal's own"
                     : "get plaintext: add 'ssl verify required ca-file FILE' to their lines to encrypt it");
  tell([](const ServerOptions& o) { return o.tls && o.verify_none; },
       "are not verified ('verify none'): anybody between may read; 'verify required ca-file FILE' prevents "
       "it");
  const bool unnamed = std::ranges::any_of(draft.servers, [](const ServerDraft& server) {
    const ServerOptions& o = server.options;
    return o.tls && !o.verify_none && o.sni.empty() && o.sni_expression.empty() && o.verify_host.empty();
  });
  if (unnamed) {
    translator.notice(
        line,
        "the names in the certificates of the servers of '" + draft.name +
            "' must be those of the 'server' lines, unless 'verifyhost' or 'sni str(NAME)' says another");
  }
}

/// What the first server says is the backend's; the others say where they differ.
void take_hops(const ProxyDraft& draft, config::Backend& backend) {
  const config::Hop first = hop_of(draft.servers.front());
  backend.tls = first.tls;
  backend.protocol = first.protocol;
  backend.send_proxy = first.send_proxy;
  backend.proxy_additions = first.proxy_additions;
  if (std::ranges::any_of(draft.servers, [](const ServerDraft& server) { return !server.options.tls; }))
    backend.plaintext = config::Plaintext::kAllowed;
  for (std::size_t i = 0; i < draft.servers.size(); ++i) {
    config::Hop hop = hop_of(draft.servers[i]);
    if (bare(hop) != bare(first)) backend.servers[i].hop = std::move(hop);
  }
}

void take_checks(const ProxyDraft& draft, config::Backend& backend) {
  const auto own_of = [&](const ServerDraft& server) { return finish_check(draft, server, tls_of(server)); };
  config::OwnCheck first = own_of(draft.servers.front());
  // TLS of checks alone is a server's own.
  if (!first.tls) backend.check = first.check;
  for (std::size_t i = 0; i < draft.servers.size(); ++i) {
    config::OwnCheck own = own_of(draft.servers[i]);
    if (own.tls || bare(own) != bare(first)) backend.servers[i].own_check = std::move(own);
  }
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
  if (const auto rest = said.client_fin ? said.client_fin : said.server_fin)
    timeouts.tunnel_half_closed = *rest;
  if (const auto waits = said.queue ? said.queue : said.connect) backend.queue.timeout = *waits;
  backend.queue.length = kQueueLength;
}

void take_persistence(Translator& translator, const ProxyDraft& draft, const Line& line,
                      config::Backend& backend) {
  if (!draft.cookie) return;
  if (draft.mode == config::Mode::kTcp) {
    translator.notice(line, "'cookie' has no effect in '" + draft.name + "', which is of mode tcp");
    return;
  }
  backend.persistence.emplace();
  backend.persistence->server_cookie = draft.cookie;
  if (draft.has_dynamic_cookie) {
    backend.persistence->server_cookie->dynamic_key = draft.dynamic_cookie_key;
    if (draft.dynamic_cookie_key.empty())
      translator.error(line, 1, "dynamic cookies of '" + draft.name + "' need a 'dynamic-cookie-key'");
  }
  backend.persistence->place = draft.place;
}

config::Balance finish_balance(Translator& translator, const ProxyDraft& draft, const Line& line) {
  config::Balance balance = draft.balance;
  const bool needs_http = balance.kind == config::BalanceKind::kHashHeader ||
                          balance.kind == config::BalanceKind::kHashUri ||
                          balance.kind == config::BalanceKind::kHashParameter;
  if (needs_http && draft.mode == config::Mode::kTcp) {
    translator.notice(line,
                      "'" + draft.name +
                          "' is of mode tcp, where its balance has nothing to go by: its servers take turns");
    return {};
  }
  if (needs_http || balance.kind == config::BalanceKind::kHashSource ||
      balance.kind == config::BalanceKind::kHashExpression) {
    const HashTypeDraft& hash = draft.hash_type;
    balance.placement = hash.placement;
    balance.function = hash.function;
    balance.avalanche = hash.avalanche;
    if (hash.placement == config::HashPlacement::kRing) balance.most_load = hash.most_load;
  }
  return balance;
}

void take_retries(const ProxyDraft& draft, config::Backend& backend) {
  config::Retry& retry = backend.retry;
  retry.attempts = draft.retries;
  retry.connect_failure = draft.retry_on.connect_failure;
  retry.empty_response = draft.retry_on.empty_response;
  retry.response_timeout = draft.retry_on.response_timeout;
  retry.bad_response = draft.retry_on.bad_response;
  retry.statuses = draft.retry_on.statuses;
  // Whoever names what is tried again means any method, without a budget.
  retry.non_idempotent = true;
  retry.budget_percent = 100;
  retry.redispatch = draft.redispatch;
  retry.stale_connection = true;
  retry.try_timeout = backend.timeouts.response;
  backend.connections.sends_probes = draft.servers_side.sends_probes;
}

void take_http(const ProxyDraft& draft, config::Backend& backend) {
  backend.address_fields = draft.address_fields;
  backend.connections.name_field = draft.name_field;
  backend.connections.one_request = draft.connection_mode != ConnectionMode::kKeepAlive;
  backend.connections.pretends_keep_alive = draft.servers_side.pretends_keep_alive;
  if (draft.never_reuses) backend.pool_size = 0;
  backend.compression = finish_compression(draft);
}

/// What only answers or changes requests says nothing where there are none.
void tell_of_http_alone(Translator& translator, const ProxyDraft& draft, const Line& line) {
  const auto tell = [&](const std::string& what) {
    translator.notice(line, what + " of '" + draft.name + "' has no effect: it needs mode http");
  };
  if (!draft.name_field.empty()) tell("the 'http-send-name-header'");
  for (const ServerDraft& server : draft.servers) {
    if (!server.options.rest.redirect_prefix.empty()) tell("the 'redir' of server '" + server.name + "'");
  }
}

/// The servers that `use-server` names, but for those that are known with a request only.
void check_used_servers(Translator& translator, const ProxyDraft& draft) {
  for (const config::RuleLine& rule : draft.rules.use_server) {
    const std::string& name = rule.words.front();
    const bool is_there =
        std::ranges::any_of(draft.servers, [&](const ServerDraft& server) { return server.name == name; });
    if (!is_there && name.find("%[") == std::string::npos)
      translator.problems.push_back(
          {config::Severity::kError,
           {},
           rule.places.front(),
           "unable to find server '" + name + "' in '" + draft.name + "' referenced in a 'use-server' rule",
           {}});
  }
}

/// Those of servers without an `id` are their places, or the next that is free.
std::vector<int> server_ids(const std::vector<ServerDraft>& servers) {
  std::vector<int> ids;
  int next = 1;
  const auto is_taken = [&](int id) {
    return std::ranges::any_of(servers, [&](const ServerDraft& server) { return server.options.id == id; });
  };
  for (const ServerDraft& server : servers) {
    while (server.options.id == 0 && is_taken(next)) ++next;
    ids.push_back(server.options.id != 0 ? server.options.id : next);
    ++next;
  }
  return ids;
}

config::Server finish_server(const ServerDraft& draft) {
  const ServerOptions& options = draft.options;
  config::Server server;
  server.name = draft.name;
  server.host = draft.host;
  server.port = draft.port;
  server.weight = options.weight;
  server.backup = options.backup;
  server.cookie = options.cookie;
  server.max_requests = std::max(options.max_connections, options.min_connections);
  // What is sent is what is verified; verifyhost is for where nothing is.
  if (options.sni.empty()) server.verify_host = options.verify_host;
  server.non_stick = options.non_stick;
  server.maintenance = options.disabled;
  server.options = options.rest;
  // What has one of the two only has a fixed limit.
  if (options.min_connections < options.max_connections)
    server.options.min_requests = options.min_connections;
  server.options.port_offset = draft.port_offset;
  server.options.tracks = options.checking.tracks;
  if (options.checking.agent) server.options.agent = options.checking.agent_settings;
  if (options.checking.observes_connections) server.passive = finish_passive(options.checking);
  server.options.slow_start = options.slow_start;
  server.place = draft.place;
  return server;
}

/// Whether it may have the address of another: one address of IPv6 has many spellings.
bool shares_address(const std::vector<ServerDraft>& servers, std::size_t at) {
  const ServerDraft& one = servers[at];
  const auto is_like = [&](const ServerDraft& other) {
    const bool v6 = one.host.contains(':') && other.host.contains(':');
    return &other != &one && other.port == one.port && other.port_offset == one.port_offset &&
           (v6 || lowered(other.host) == lowered(one.host));
  };
  return std::ranges::any_of(servers, is_like);
}

/// Without 'option allbackups' only the first backup serves; the others are left out.
std::vector<ServerDraft> serving(Translator& translator, const ProxyDraft& draft, const Line& line) {
  std::vector<ServerDraft> servers;
  bool has_backup = false;
  for (const ServerDraft& server : draft.servers) {
    const bool is_idle_backup = server.options.backup && !draft.all_backups && has_backup;
    has_backup = has_backup || (server.options.backup && !server.options.disabled);
    if (is_idle_backup) {
      translator.notice(line, "backup server '" + server.name +
                                  "' is left out: without 'option allbackups' only the first backup serves");
    } else {
      servers.push_back(server);
    }
  }
  return servers;
}

}  // namespace

std::optional<config::Compression> finish_compression(const ProxyDraft& draft) {
  if (!draft.compression || !draft.compression->has_gzip) return std::nullopt;
  config::Compression compression;
  compression.algorithms = {config::CompressionAlgorithm::kGzip};
  compression.types = draft.compression->types;
  if (compression.types.empty()) compression.types = {"*/*"};
  compression.min_size = static_cast<std::uint32_t>(draft.compression->min_size);
  compression.hides_accepted = draft.compression->offload;
  return compression;
}

config::Backend finish_backend(Translator& translator, const ProxyDraft& said, const Line& line) {
  ProxyDraft draft = said;
  draft.servers = serving(translator, said, line);
  config::Backend backend;
  backend.name = draft.name;
  if (draft.mode == config::Mode::kHttp) backend.error_pages = draft.error_pages;
  backend.rule_lines = finish_rules(translator, draft, line);
  backend.number = draft.number;
  backend.is_tcp = draft.mode == config::Mode::kTcp;
  if (draft.mode == config::Mode::kHttp) backend.stats_page = draft.stats_page;
  backend.place = draft.place;
  backend.balance = finish_balance(translator, draft, line);
  backend.passive.enabled = false;
  backend.outlier.enabled = false;
  const std::vector<int> ids = server_ids(draft.servers);
  for (std::size_t i = 0; i < draft.servers.size(); ++i) {
    const ServerDraft& server = draft.servers[i];
    backend.servers.push_back(finish_server(server));
    if (ids[i] != static_cast<int>(i + 1)) backend.servers.back().id = ids[i];
    backend.servers.back().options.may_share_address = shares_address(draft.servers, i);
  }
  if (!draft.servers.empty()) {
    take_hops(draft, backend);
    tell_of_hops(translator, draft, line);
    take_checks(draft, backend);
    tell_of_checks(translator, draft, line);
  }
  take_timeouts(translator, draft, line, backend);
  check_used_servers(translator, draft);
  backend.asks_down = draft.asks_down;
  backend.full_load = draft.full_load;
  take_persistence(translator, draft, line, backend);
  take_retries(draft, backend);
  if (draft.mode == config::Mode::kHttp) {
    take_http(draft, backend);
  } else {
    tell_of_http_alone(translator, draft, line);
  }
  backend.stick_rules = draft.stick_rules;
  backend.message_logs = finish_targets(translator, draft);
  backend.is_listen = draft.is_frontend;
  return backend;
}

}  // namespace reseal::haproxy
