// Options of a `server` line that few configurations say: obeyed, without effect here, or refused because passing over them
// would change what is served or whom a server trusts.
#include <algorithm>
#include <array>

#include "lb/haproxy/server_option.h"
#include "lb/net/address.h"
#include "lb/net/cidr.h"

namespace reseal::haproxy {
namespace {

void skip_argument(OptionReader& r) {
  (void)r.argument("a value");
}

template <class Take>
void for_each_part(std::string_view list, Take take) {
  while (!list.empty()) {
    const std::string_view part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), part.size() + 1));
    take(part);
  }
}

/// "last,libc,none": what is tried in turn for an address.
void read_init_addr(OptionReader& r) {
  const std::string text = r.argument("last, libc, none or addresses");
  config::ServerOptions& options = r.options.rest;
  options.may_lack_address = false;
  options.fallbacks.clear();
  for_each_part(text, [&](std::string_view way) {
    if (way == "none") {
      options.may_lack_address = true;
    } else if (net::Address::parse(way, 0)) {
      options.fallbacks.emplace_back(way);
    } else if (way != "last" && way != "libc") {
      r.translator.error(r.line, r.word,
                         "init-addr '" + std::string(way) + "': last, libc, none or an address is expected");
    }
  });
}

void read_resolve_prefer(OptionReader& r) {
  const std::string family = r.argument("ipv4 or ipv6");
  if (family != "ipv4" && family != "ipv6" && !family.empty())
    r.translator.error(r.line, r.word, "resolve-prefer '" + family + "': ipv4 or ipv6 is expected");
  r.options.rest.prefers_family = family == "ipv4" ? '4' : '6';
}

void read_resolve_net(OptionReader& r) {
  r.options.rest.prefers_networks.clear();
  for_each_part(r.argument("networks such as 10.0.0.0/8"), [&](std::string_view network) {
    net::CidrSet one;
    if (const auto added = one.add(network); !added)
      r.translator.error(r.line, r.word, "resolve-net '" + std::string(network) + "': " + added.error());
    r.options.rest.prefers_networks.emplace_back(network);
  });
}

void read_resolve_opts(OptionReader& r) {
  config::ServerOptions& options = r.options.rest;
  for_each_part(r.argument("allow-dup-ip, ignore-weight or prevent-dup-ip"), [&](std::string_view option) {
    if (option == "allow-dup-ip") {
      options.shares_addresses = true;
    } else if (option == "prevent-dup-ip") {
      options.shares_addresses = false;
    } else if (option == "ignore-weight") {
      options.keeps_weight = true;
    } else {
      r.translator.error(r.line, r.word,
                         "resolve-opts '" + std::string(option) +
                             "': allow-dup-ip, ignore-weight or prevent-dup-ip is expected");
    }
  });
}

/// "source ADDRESS[:PORT]".
void read_source(OptionReader& r) {
  const std::string text = r.argument("an address");
  if (text.empty()) return;
  auto where = r.translator.value_or(parse_source_address(text), r.line, r.word, ServerAddress{});
  r.options.rest.source = where.host;
  r.options.rest.source_port = where.port;
  if (r.word + 1 >= r.line.words.size()) return;
  const std::string& next = r.line.words[r.word + 1].text;
  if (next == "usesrc" || next == "interface") {
    r.translator.error(
        r.line, r.word + 1,
        "'" + next +
            "' is not there: it needs rights that reseal does not ask for; 'source ADDRESS' is there");
    r.word = r.line.words.size();
  }
}

void read_protocol(OptionReader& r) {
  const std::string name = r.argument("h1 or h2");
  if (name == "h2") {
    r.options.protocol = config::Protocol::kH2;
  } else if (name == "h1") {
    r.options.protocol = config::Protocol::kHttp1;
  } else if (!name.empty()) {
    r.translator.error(r.line, r.word, "proto '" + name + "' is not spoken to servers: h1 and h2 are");
  }
}

/// The one word that may stand behind `option`.
void read_only_word(OptionReader& r, const char* option, const char* word, bool& is_said) {
  const std::string what = r.argument(word);
  is_said = what == word;
  if (!is_said && !what.empty())
    r.translator.error(r.line, r.word, std::string(option) + " '" + what + "': " + word + " is expected");
}

void read_on_marked_down(OptionReader& r) {
  read_only_word(r, "on-marked-down", "shutdown-sessions", r.options.rest.ends_sessions_when_down);
}
void read_on_marked_up(OptionReader& r) {
  read_only_word(r, "on-marked-up", "shutdown-backup-sessions", r.options.rest.ends_backup_sessions_when_up);
}

template <std::size_t kSize>
struct Text {
  char text[kSize];
  consteval Text(const char (&from)[kSize]) { std::copy_n(from, kSize, text); }  // NOLINT: meant to convert
};

/// A word that does nothing here, with so many arguments.
template <Text kWhy, int kArguments = 1>
void without_effect(OptionReader& r) {
  for (int i = 0; i < kArguments; ++i) skip_argument(r);
  r.no_effect(kWhy.text);
}

template <Text kWhy>
void refuse(OptionReader& r) {
  r.translator.error(r.line, r.word, kWhy.text);
  r.word = r.line.words.size();
}

constexpr std::array kOptions = {
    ServerOption{"id", [](OptionReader& r) { r.options.id = r.number(1, 0x7fffffff, 0); }},
    ServerOption{"init-addr", read_init_addr},
    ServerOption{"resolve-prefer", read_resolve_prefer},
    ServerOption{"resolve-net", read_resolve_net},
    ServerOption{"resolve-opts", read_resolve_opts},
    ServerOption{"resolvers", [](OptionReader& r) { r.options.rest.resolvers = r.argument("a section"); }},
    ServerOption{"source", read_source},
    ServerOption{"proto", read_protocol},
    ServerOption{"on-marked-down", read_on_marked_down},
    ServerOption{"on-marked-up", read_on_marked_up},
    ServerOption{"minconn",
                 [](OptionReader& r) { r.options.min_connections = r.number(0, kMostConnections, 0); }},
    ServerOption{"maxqueue", without_effect<"maxqueue has no effect: a backend has one queue">},
    ServerOption{
        "max-reuse",
        without_effect<"max-reuse has no effect: connections are used as long as servers keep them">},
    ServerOption{"pool-max-conn",
                 without_effect<"pool-max-conn has no effect: 1,024 idle connections are kept a worker">},
    ServerOption{"pool-low-conn",
                 without_effect<"pool-low-conn has no effect: each worker keeps connections of its own">},
    ServerOption{
        "pool-purge-delay",
        without_effect<"pool-purge-delay has no effect: idle connections are closed after four seconds">},
    ServerOption{"stick", [](OptionReader&) {}},
    ServerOption{"log-proto", skip_argument},
    ServerOption{"tfo",
                 without_effect<"tfo has no effect: connections to servers are opened in the usual way", 0>},
    ServerOption{"no-tfo", [](OptionReader&) {}},
    ServerOption{"tcp-ut", without_effect<"tcp-ut has no effect: timeouts find dead servers">},
    ServerOption{"ws",
                 without_effect<"ws has no effect: WebSockets take HTTP/1.1 where a server may speak both">},
    ServerOption{"npn", without_effect<"npn has no effect: nobody speaks it any more; alpn is there">},
    ServerOption{
        "no-ssl-reuse",
        without_effect<"no-ssl-reuse has no effect: sessions are resumed where servers offer it", 0>},
    ServerOption{"ssl-reuse", [](OptionReader&) {}},
    ServerOption{
        "no-tls-tickets",
        without_effect<
            "no-tls-tickets of a server has no effect: sessions are resumed where servers offer it", 0>},
    ServerOption{"tls-tickets", [](OptionReader&) {}},
    ServerOption{
        "allow-0rtt",
        without_effect<"allow-0rtt has no effect: nothing is sent before a handshake is complete", 0>},
    ServerOption{"crl-file",
                 [](OptionReader& r) {
                   r.options.tls_settings.revoked =
                       r.path("a file of revocation lists", r.translator.global.ca_base);
                 }},
    ServerOption{"namespace", refuse<"network namespaces are not there: run reseal in the namespace itself">},
    ServerOption{
        "redir",
        [](OptionReader& r) { r.options.rest.redirect_prefix = r.argument("what Locations begin with"); }},
    ServerOption{"socks4", refuse<"reseal connects through no SOCKS proxy: take 'socks4' out">},
    ServerOption{"usesrc", refuse<"'usesrc' is not there: it needs rights that reseal does not ask for">},
};

}  // namespace

std::span<const ServerOption> rare_server_options() {
  return kOptions;
}

}  // namespace reseal::haproxy
