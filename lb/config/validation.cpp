#include "lb/config/validation.h"

#include <algorithm>
#include <map>
#include <set>

#include "lb/base/text.h"
#include "lb/config/server_host.h"
#include "lb/config/validation_resolvers.h"
#include "lb/config/validation_tcp.h"
#include "lb/net/address.h"

namespace reseal::config {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::size_t kMostHopsShown = 20;
constexpr int kMostIntervalsACheck = 5;

void check_name(ValueReader& reader, const std::string& name, Place place, const char* what) {
  const bool fits = !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  if (!fits) {
    reader.error(place,
                 std::string(what) + " '" + name + "': a name is 1 to 64 letters, digits, '_', '-' and '.'");
  }
}

bool is_loopback(const std::string& host) {
  if (equals_ignoring_case(host, "localhost")) return true;
  const auto address = net::Address::parse(host, 0);
  return address && address->is_loopback();
}

/// A name may still lead to a loopback address; the resolver tells when the generation is built.
bool is_numeric(const std::string& host) {
  return net::Address::parse(host, 0).has_value();
}

/// Sorted.
std::vector<std::string> backend_names(const Configuration& configuration) {
  std::vector<std::string> names;
  for (const Backend& backend : configuration.backends) names.push_back(backend.name);
  std::ranges::sort(names);
  return names;
}

// ---- addresses that are listened on

struct Listening {
  const Bind* bind;
  std::string who;  // "frontend 'web'", "admin.http"
};

/// What listens on one port of one family, by the address's bytes; empty: on every address.
using Addresses = std::map<std::string, Listening>;

const Listening* overlapping(const Addresses& taken, const std::string& address) {
  const auto other = address.empty() ? taken.begin() : taken.find(address);
  if (other != taken.end()) return &other->second;
  const auto any = taken.find("");
  return any != taken.end() ? &any->second : nullptr;
}

void check_binds(ValueReader& reader, const Configuration& configuration) {
  // Every listener takes its own family only, so "*" and "[::]" do not meet.
  std::map<std::pair<std::uint16_t, bool>, Addresses> by_port;
  std::map<std::string, Listening> by_name;
  const auto check = [&](const Bind& bind, const std::string& who) {
    if (bind.kind != BindKind::kAddress) {
      const auto [other, is_new] = by_name.emplace(bind.text(), Listening{&bind, who});
      if (!is_new)
        reader.error(bind.place, who + ": " + bind.text() + " is taken by " + other->second.who + " (" +
                                     in_words(other->second.bind->place) + ")");
      return;
    }
    if (bind.port == 0) return;
    const auto address = net::Address::parse(bind.host, 0);
    std::string bytes = address ? std::string(address->host_bytes()) : "";
    if (bytes.find_first_not_of('\0') == std::string::npos) bytes.clear();
    Addresses& taken = by_port[{bind.port, bind.host.find(':') != std::string::npos}];
    const Listening* other = overlapping(taken, bytes);
    if (other == nullptr) {
      taken.emplace(bytes, Listening{&bind, who});
      return;
    }
    reader.error(bind.place, who + ": " + bind.text() + " overlaps with " + other->bind->text() + " of " +
                                 other->who + " (" + in_words(other->bind->place) + ")");
  };
  for (const Frontend& frontend : configuration.frontends) {
    for (const Bind& bind : frontend.binds) check(bind, "frontend '" + frontend.name + "'");
  }
  if (configuration.admin.http) check(*configuration.admin.http, "admin.http");
}

// ---- frontends

/// The walk through the rules ends here for the requests that it takes.
bool decides(const Rule& rule) {
  return !rule.use.empty() || rule.deny != 0 || rule.redirect || rule.reply;
}

bool always_holds(const Condition& when) {
  Matches all = when.all;
  if (std::ranges::find(all.path_prefixes, "/") != all.path_prefixes.end()) all.path_prefixes.clear();
  return all.is_empty() && when.none.is_empty() && when.expression.empty();
}

/// Rules behind one that takes every request, and whatever stands beside a redirect, would never be asked.
void check_reach(ValueReader& reader, const Frontend& frontend, const std::string& who) {
  if (frontend.redirect_https && !frontend.has_tls_bind()) {
    if (!frontend.rules.empty() || !frontend.default_backend.empty()) {
      reader.warning(frontend.place,
                     who + ": redirect: https answers every request; its rules and default are not used");
    }
    return;
  }
  for (std::size_t i = 0; i < frontend.rules.size(); ++i) {
    if (!decides(frontend.rules[i]) || !always_holds(frontend.rules[i].when)) continue;
    if (i + 1 < frontend.rules.size()) {
      reader.warning(frontend.rules[i + 1].place,
                     who + ": this rule and those below are never reached: the one in line " +
                         std::to_string(frontend.rules[i].place.line) + " takes every request");
    }
    return;
  }
}

void check_plain_binds(ValueReader& reader, const Frontend& frontend, const std::string& who) {
  for (const Bind& bind : frontend.binds) {
    if (frontend.tls_of(bind) != nullptr || bind.kind != BindKind::kAddress) continue;
    if (bind.port == kHttpsPort) {
      reader.warning(bind.place, who + " serves port 443 without tls: browsers will not understand it");
    } else if (!is_loopback(bind.host)) {
      reader.warning(bind.place, who + ": clients of " + bind.text() +
                                     " talk plaintext HTTP; add tls: or redirect: https");
    }
  }
}

void check_tls(ValueReader& reader, const Frontend& frontend, const std::string& who) {
  const auto check = [&](const ServerTls& tls) {
    if (tls.certificates.empty() && tls.listed.empty() && !tls.strict_names)
      reader.error(tls.place, who + ": tls needs certificates: [FILE or FOLDER, ...]");
  };
  if (frontend.tls) check(*frontend.tls);
  for (const Bind& bind : frontend.binds) {
    if (bind.tls == BindTls::kOwn) check(bind.own_tls);
    if (bind.tls == BindTls::kOwn && frontend.tls_passthrough)
      reader.error(bind.own_tls.place,
                   who + ": tls: passthrough opens no TLS, so no bind can have tls of its own");
  }
}

void check_h2c(ValueReader& reader, const Frontend& frontend, const std::string& who) {
  if (frontend.h2c == H2c::kRefused || frontend.mode == Mode::kTcp) return;
  if (!frontend.has_plain_bind() && !frontend.binds.empty()) {
    reader.error(frontend.place, who + ": h2c is HTTP/2 without TLS; with tls it is offered by alpn");
  }
}

void check_frontend(ValueReader& reader, const Frontend& frontend, const std::vector<std::string>& backends) {
  check_name(reader, frontend.name, frontend.place, "frontend");
  const std::string who = "frontend '" + frontend.name + "'";
  const auto exists = [&](const std::string& name) { return std::ranges::binary_search(backends, name); };
  const auto missing = [&](const std::string& name, Place place) {
    reader.error(place, who + ": there is no backend '" + shortened(name) + "'" +
                            (reader.is_full() ? "" : did_you_mean(name, backends)));
  };
  if (frontend.binds.empty()) reader.error(frontend.place, who + " listens nowhere; add bind: \"*:443\"");
  if (!frontend.default_backend.empty() && !exists(frontend.default_backend)) {
    missing(frontend.default_backend, frontend.default_place);
  }
  for (const Rule& rule : frontend.rules) {
    if (!rule.use.empty() && !exists(rule.use)) missing(rule.use, rule.use_place);
  }
  const bool all_redirected = frontend.redirect_https && !frontend.has_tls_bind();
  // Rules in HAProxy's language may decide about every request.
  const bool leads_nowhere = !frontend.unreachable_is_503 && frontend.rule_lines == RuleLines() &&
                             frontend.default_backend.empty() && !all_redirected && !frontend.stats_page &&
                             std::ranges::none_of(frontend.rules, decides);
  if (leads_nowhere)
    reader.error(frontend.place, who + " leads nowhere; add default: BACKEND, rules: or redirect: https");
  if (frontend.redirect_https && !frontend.has_plain_bind()) {
    reader.error(frontend.place,
                 who + " has tls and redirects to https: a loop; give it a bind with tls: off");
  }
  check_tls(reader, frontend, who);
  check_tcp(reader, frontend, who);
  check_alpn_rules(reader, frontend, who);
  check_h2c(reader, frontend, who);
  check_reach(reader, frontend, who);
  if (!frontend.tls_passthrough && !frontend.redirect_https) check_plain_binds(reader, frontend, who);
}

// ---- backends

/// Two spellings of one address are one address.
std::string endpoint(const Server& server) {
  if (is_socket(server.host)) return server.host;
  if (server.options.port_offset)
    return lowered(server.host) + ":+" + std::to_string(*server.options.port_offset);
  const auto address = net::Address::parse(server.host, server.port);
  if (address) return address->text();
  return lowered(server.host) + ":" + std::to_string(server.port);
}

void check_hop(ValueReader& reader, const Backend& backend, const Server& server) {
  const bool has_tls = server.hop ? server.hop->tls.has_value() : backend.tls.has_value();
  if (has_tls || backend.tls_passthrough || server.host.empty() || is_loopback(server.host) ||
      is_socket(server.host))
    return;
  const std::string hop = "backend '" + backend.name + "', server '" + server.name + "': requests ";
  const std::string where = endpoint(server);
  if (backend.plaintext == Plaintext::kAllowed) {
    reader.warning(server.place,
                   hop + "cross the network to " + where + " in plaintext (plaintext: allowed)");
  } else if (is_numeric(server.host)) {
    reader.error(server.place, hop + "would cross the network to " + where +
                                   " in plaintext; give the backend a `tls:` "
                                   "section, or spell out `plaintext: allowed`");
  }
}

void check_servers(ValueReader& reader, const Backend& backend) {
  std::map<std::string, const Server*> seen;
  for (const Server& server : backend.servers) {
    check_name(reader, server.name, server.place, "server");
    check_hop(reader, backend, server);
    if (server.host.empty()) continue;
    const auto [other, is_new] = seen.emplace(endpoint(server), &server);
    if (is_new || server.options.may_share_address) continue;
    reader.error(server.place, "backend '" + backend.name + "': server '" + server.name +
                                   "' has the address of server '" + other->second->name + "' (" +
                                   in_words(other->second->place) + ")");
  }
  if (backend.servers.empty() && !backend.may_be_empty)
    reader.error(backend.place, "backend '" + backend.name + "' has no servers");
  const bool idle = !backend.servers.empty() &&
                    std::ranges::all_of(backend.servers, [](const Server& s) { return s.weight == 0; });
  if (idle) {
    reader.warning(backend.place,
                   "backend '" + backend.name + "': every weight is 0, so no server gets a request");
  }
}

std::string hops(const Backend& backend) {
  std::vector<std::string> names;
  for (const Server& server : backend.servers) {
    if (names.size() < kMostHopsShown) names.push_back("'" + server.name + "' (" + endpoint(server) + ")");
  }
  if (names.size() < backend.servers.size()) {
    names.push_back(std::to_string(backend.servers.size() - names.size()) + " more");
  }
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void check_client_tls(ValueReader& reader, const ClientTls& tls, const Backend& backend) {
  const std::string who = "backend '" + backend.name + "'";
  if (!tls.verify) {
    reader.warning(tls.place,
                   who +
                       ": verify: none: anybody who can answer at the address of a server can read and "
                       "change what goes to it: " +
                       hops(backend));
  }
  if (tls.certificate.empty()) {
    reader.warning(tls.place,
                   who +
                       ": tls without certificate: servers cannot tell that it is this load balancer; add "
                       "certificate: for mutual TLS");
  }
  if (!tls.sni.empty() && !tls.sni_expression.empty())
    reader.error(tls.place, who + ": tls has sni and sni_expression; one of them can say the name");
  if (!tls.key.empty() && tls.certificate.empty()) {
    reader.error(tls.key_place, who + ": tls has a key but no certificate");
  }
}

/// Settings that do nothing without another.
void check_waiting(ValueReader& reader, const Backend& backend) {
  const bool limited = backend.max_requests != 0 || backend.max_connections != 0 ||
                       std::ranges::any_of(backend.servers, [](const Server& server) {
                         return server.max_requests != 0 || server.max_connections != 0;
                       });
  if (backend.queue.place.line != 0 && !limited) {
    reader.warning(backend.queue.place, "backend '" + backend.name +
                                            "': nobody waits in its queue: neither it nor a server of it has "
                                            "max_requests or max_connections");
  }
  // What no server has got is safe to repeat.
  const Retry& retry = backend.retry;
  const bool repeats_answers =
      retry.empty_response || retry.response_timeout || retry.bad_response || !retry.statuses.empty();
  if (retry.place.line != 0 && retry.non_idempotent && repeats_answers) {
    reader.warning(
        backend.retry.place,
        "backend '" + backend.name +
            "': retry.non_idempotent: a POST may take effect twice when a server fails after it got it");
  }
}

void check_backend(ValueReader& reader, const Backend& backend) {
  check_name(reader, backend.name, backend.place, "backend");
  check_servers(reader, backend);
  if (backend.tls) check_client_tls(reader, *backend.tls, backend);
  if (backend.protocol == Protocol::kNegotiated && !backend.tls) {
    reader.error(backend.place,
                 "backend '" + backend.name +
                     "': protocol: negotiated is agreed on in the TLS handshake; without tls write "
                     "http/1.1 or h2");
  }
  if (backend.tls_passthrough && backend.check && backend.check->kind == CheckKind::kHttp) {
    reader.error(backend.check->place,
                 "backend '" + backend.name +
                     "': tls: passthrough leaves no TLS of its own to check over; use check: tcp");
  }
  check_waiting(reader, backend);
  if (backend.check && backend.check->timeout > backend.check->interval * kMostIntervalsACheck) {
    reader.warning(backend.check->place, "backend '" + backend.name +
                                             "': a check may take longer than five intervals; " +
                                             "its servers are checked less often than interval says");
  }
}

void check_unused_backends(ValueReader& reader, const Configuration& configuration) {
  std::set<std::string> used;
  for (const Frontend& frontend : configuration.frontends) used.merge(used_backends(frontend));
  // A format may name any of them.
  if (std::ranges::any_of(used, [](const std::string& name) { return name.contains('%'); })) return;
  for (const Backend& backend : configuration.backends) {
    const bool is_table_at_most = backend.may_be_empty && backend.servers.empty();
    if (!used.contains(backend.name) && !is_table_at_most) {
      reader.warning(backend.place, "backend '" + backend.name + "' is not used by any frontend");
    }
  }
}

}  // namespace

std::set<std::string> used_backends(const Frontend& frontend) {
  std::set<std::string> used{frontend.default_backend};
  for (const Rule& rule : frontend.rules) used.insert(rule.use);
  for (const RuleLine& line : frontend.rule_lines.use_backend) used.insert(line.words.front());
  return used;
}

void validate(ValueReader& reader, const Configuration& configuration) {
  const auto names = backend_names(configuration);
  for (const Frontend& frontend : configuration.frontends) check_frontend(reader, frontend, names);
  check_binds(reader, configuration);
  check_tcp_backends(reader, configuration);
  check_passthrough(reader, configuration);
  for (const Backend& backend : configuration.backends) check_backend(reader, backend);
  check_unused_backends(reader, configuration);
  validate_resolvers(reader, configuration);
}

}  // namespace reseal::config
