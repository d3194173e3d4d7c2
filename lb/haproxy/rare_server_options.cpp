// Options of a `server` line that few configurations say: obeyed, without effect here, or refused because passing over them
// would change what is served or whom a server trusts.
#include <algorithm>
#include <array>

#include "lb/haproxy/server_option.h"
#include "lb/net/address.h"

namespace reseal::haproxy {
namespace {

void skip_argument(OptionReader& r) {
  (void)r.argument("a value");
}

/// "last,libc,none": what is tried in turn for an address.
void read_init_addr(OptionReader& r) {
  const std::string text = r.argument("last, libc, none or addresses");
  config::ServerOptions& options = r.options.rest;
  options.may_lack_address = false;
  options.fallbacks.clear();
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view way = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), way.size() + 1));
    if (way == "none") {
      options.may_lack_address = true;
    } else if (net::Address::parse(way, 0)) {
      options.fallbacks.emplace_back(way);
    } else if (way != "last" && way != "libc") {
      r.translator.error(r.line, r.word,
                         "init-addr '" + std::string(way) + "': last, libc, none or an address is expected");
    }
  }
}

void read_resolve_prefer(OptionReader& r) {
  const std::string family = r.argument("ipv4 or ipv6");
  if (family != "ipv4" && family != "ipv6" && !family.empty())
    r.translator.error(r.line, r.word, "resolve-prefer '" + family + "': ipv4 or ipv6 is expected");
  r.options.rest.prefers_family = family == "ipv4" ? '4' : '6';
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

void read_on_marked_down(OptionReader& r) {
  const std::string what = r.argument("shutdown-sessions");
  if (what != "shutdown-sessions" && !what.empty())
    r.translator.error(r.line, r.word, "on-marked-down '" + what + "': shutdown-sessions is expected");
  r.no_effect("on-marked-down has no effect yet: connections of a server that goes down end by themselves");
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
    ServerOption{"resolve-net",
                 without_effect<"resolve-net has no effect: the first address of a name is taken">},
    ServerOption{"resolve-opts",
                 without_effect<"resolve-opts has no effect: names are resolved at every reload only">},
    ServerOption{
        "resolvers",
        without_effect<
            "resolvers have no effect yet: names are resolved when reseal starts, and at every reload">},
    ServerOption{"source", read_source},
    ServerOption{"proto", read_protocol},
    ServerOption{"on-marked-down", read_on_marked_down},
    ServerOption{
        "on-marked-up",
        without_effect<"on-marked-up has no effect yet: sessions at backup servers end by themselves">},
    ServerOption{"minconn", without_effect<"minconn has no effect: maxconn holds whatever the load is">},
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
    ServerOption{"crl-file", refuse<"revocation lists are not there, and passing over one would trust what "
                                    "it revokes: take it out if its "
                                    "certificates have expired">},
    ServerOption{"namespace", refuse<"network namespaces are not there: run reseal in the namespace itself">},
    ServerOption{"redir", refuse<"'redir' is not there: answer with 'http-request redirect prefix' instead">},
    ServerOption{"socks4", refuse<"reseal connects through no SOCKS proxy: take 'socks4' out">},
    ServerOption{"usesrc", refuse<"'usesrc' is not there: it needs rights that reseal does not ask for">},
    ServerOption{
        "send-proxy-v2-ssl",
        refuse<
            "of PROXY headers 'send-proxy' and 'send-proxy-v2' are there, without what TLS has agreed on">},
    ServerOption{
        "send-proxy-v2-ssl-cn",
        refuse<
            "of PROXY headers 'send-proxy' and 'send-proxy-v2' are there, without what TLS has agreed on">},
    ServerOption{"no-send-proxy-v2-ssl", [](OptionReader&) {}},
    ServerOption{"no-send-proxy-v2-ssl-cn", [](OptionReader&) {}},
    ServerOption{"proxy-v2-options",
                 refuse<"the additions of 'proxy-v2-options' are not there: 'send-proxy-v2' alone is">},
};

}  // namespace

std::span<const ServerOption> rare_server_options() {
  return kOptions;
}

}  // namespace reseal::haproxy
