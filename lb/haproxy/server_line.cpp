#include "lb/haproxy/server_line.h"

#include <array>
#include <span>
#include <string_view>

#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/server_option.h"
#include "lb/haproxy/tls_words.h"
#include "lb/net/address.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostWeight = 256;

void read_verify(OptionReader& r) {
  const std::string how = r.argument("none or required");
  if (how != "none" && how != "required" && !how.empty()) {
    r.translator.error(r.line, r.word, "verify '" + how + "': none or required is expected");
  }
  r.options.verify_none = how == "none";
}

/// str(web.internal): a constant. Anything else depends on the request, and is compiled with the rules.
void read_sni(OptionReader& r) {
  const std::string text = r.argument("an expression such as str(web.internal) or req.hdr(host)");
  const bool is_constant =
      text.starts_with("str(") && text.find_first_of("(),", 4) == text.size() - 1 && text.ends_with(')');
  r.options.sni = is_constant ? text.substr(4, text.size() - 5) : "";
  r.options.sni_expression = is_constant ? "" : text;
}

void read_alpn(OptionReader& r) {
  const std::string list = "," + r.argument("a list of protocols") + ",";
  const bool h2 = list.find(",h2,") != std::string::npos;
  const bool h1 = list.find(",http/1.1,") != std::string::npos;
  if (!h2 && !h1) r.translator.error(r.line, r.word, "of protocols h2 and http/1.1 are there");
  r.options.protocol = h2 && h1 ? config::Protocol::kNegotiated
                       : h2     ? config::Protocol::kH2
                                : config::Protocol::kHttp1;
}

constexpr std::array kOptions = {
    ServerOption{"slowstart", [](OptionReader& r) { r.options.slow_start = r.time(); }},
    ServerOption{"weight", [](OptionReader& r) { r.options.weight = r.number(0, kMostWeight, 1); }},
    ServerOption{"maxconn",
                 [](OptionReader& r) { r.options.max_connections = r.number(0, kMostConnections, 0); }},
    ServerOption{"backup", [](OptionReader& r) { r.options.backup = true; }},
    ServerOption{"no-backup", [](OptionReader& r) { r.options.backup = false; }},
    ServerOption{"disabled", [](OptionReader& r) { r.options.disabled = true; }},
    ServerOption{"enabled", [](OptionReader& r) { r.options.disabled = false; }},
    ServerOption{"ssl", [](OptionReader& r) { r.options.tls = true; }},
    ServerOption{"no-ssl", [](OptionReader& r) { r.options.tls = false; }},
    ServerOption{"verify", read_verify},
    ServerOption{"verifyhost", [](OptionReader& r) { r.options.verify_host = r.argument("a host name"); }},
    ServerOption{"ca-file",
                 [](OptionReader& r) {
                   const std::string text = r.argument("a file of accepted authorities");
                   r.options.tls_settings.ca =
                       text.empty() || text == "@system-ca"
                           ? ""
                           : Translator::absolute_path(text, r.translator.global.ca_base);
                   r.options.tls_settings.ca_place = r.translator.place_of(r.line, r.word);
                 }},
    ServerOption{"crt",
                 [](OptionReader& r) {
                   r.options.tls_settings.certificate =
                       r.path("a file with certificate and key", r.translator.global.crt_base);
                   r.options.tls_settings.certificate_place = r.translator.place_of(r.line, r.word);
                 }},
    ServerOption{"sni", read_sni},
    ServerOption{"alpn", read_alpn},
    ServerOption{"ciphers",
                 [](OptionReader& r) { r.options.tls_settings.ciphers = r.argument("a list of ciphers"); }},
    ServerOption{"ciphersuites",
                 [](OptionReader& r) {
                   r.options.tls_settings.ciphersuites = r.argument("a list of suites of TLS 1.3");
                 }},
    ServerOption{"ssl-min-ver",
                 [](OptionReader& r) {
                   r.options.tls_settings.min_version = tls_version(r.translator, r.line, ++r.word);
                 }},
    ServerOption{"ssl-max-ver",
                 [](OptionReader& r) {
                   r.options.tls_settings.max_version = tls_version(r.translator, r.line, ++r.word);
                 }},
    ServerOption{"cookie", [](OptionReader& r) { r.options.cookie = r.argument("a value"); }},
    ServerOption{"non-stick", [](OptionReader& r) { r.options.non_stick = true; }},
    ServerOption{"stick", [](OptionReader& r) { r.options.non_stick = false; }},
};

void read_option(OptionReader& reader) {
  const std::string& name = reader.line.words[reader.word].text;
  for (const std::span<const ServerOption> table :
       {std::span<const ServerOption>(kOptions), check_server_options(), proxy_header_options(),
        rare_server_options()}) {
    for (const ServerOption& option : table) {
      if (option.name != name) continue;
      option.read(reader);
      return;
    }
  }
  config::ClientTls& tls = reader.options.tls_settings;
  if (read_version_word(reader.translator, reader.line, reader.word, tls.min_version, tls.max_version))
    return;
  report_unknown_option(reader.translator, reader.line, reader.word, "server", Vocabulary::kServer);
  reader.word = reader.line.words.size();  // what belongs to it is not known
}

void read_options(Translator& translator, const Line& line, std::size_t first, ServerOptions& options) {
  OptionReader reader{translator, line, options, first};
  for (; reader.word < line.words.size(); ++reader.word) read_option(reader);
}

/// The server that the words from `first_option` on describe; none: reported.
std::optional<ServerDraft> read_one(Translator& translator, const Line& line, std::size_t address_word) {
  ServerDraft server;
  const std::string address = translator.argument(line, address_word, "an address such as 10.0.0.1:8080");
  if (address.empty()) return std::nullopt;
  const auto where = translator.value_or(parse_server_address(address), line, address_word, ServerAddress{});
  server.host = where.host;
  server.port = where.port;
  server.port_offset = where.port_offset;
  server.options = translator.proxy->default_server;
  server.place = translator.place_of(line, 1);
  read_options(translator, line, address_word + 1, server.options);
  if (server.options.checking.agent && server.options.checking.agent_settings.port == 0)
    translator.error(line, address_word, "'agent-check' needs an 'agent-port'");
  // Records of a service tell the ports.
  const bool is_service = where.host.starts_with('_') && !server.options.rest.resolvers.empty();
  if (is_service && where.port_offset == 0) server.port_offset.reset();
  const config::ClientTls& tls = server.options.tls_settings;
  check_versions(translator, line, tls.min_version, tls.max_version);
  return server;
}

void add_server(Translator& translator, const Line& line, ServerDraft server) {
  for (const ServerDraft& other : translator.proxy->servers) {
    if (other.name == server.name)
      translator.error(line, 1, "there is a server '" + server.name + "' in this backend already");
  }
  translator.proxy->servers.push_back(std::move(server));
}

}  // namespace

void read_server(Translator& translator, const Line& line) {
  const std::string name = translator.argument(line, 1, "a name");
  if (name.empty()) return;
  auto server = read_one(translator, line, 2);
  if (!server) return;
  server->name = name;
  add_server(translator, line, std::move(*server));
}

void read_server_template(Translator& translator, const Line& line) {
  constexpr int kMostServers = 10'000;
  const std::string prefix = translator.argument(line, 1, "the beginning of the servers' names");
  const std::string range = prefix.empty() ? "" : translator.argument(line, 2, "a number such as 5, or 3-7");
  if (range.empty()) return;
  const std::size_t dash = range.find('-');
  const bool is_range = dash != std::string::npos;
  const int first =
      is_range ? translator.value_or(parse_number(range.substr(0, dash), 1, kMostServers), line, 2, 1) : 1;
  const int last = translator.value_or(
      parse_number(is_range ? range.substr(dash + 1) : range, first, kMostServers), line, 2, first);
  const auto server = read_one(translator, line, 3);
  if (!server) return;
  for (int number = first; number <= last; ++number) {
    ServerDraft one = *server;
    one.name = prefix + std::to_string(number);
    // A name has an address for each of them; with an address they are all the same.
    one.options.rest.address_index = net::Address::parse(one.host, 0) ? 0 : number - first;
    add_server(translator, line, std::move(one));
  }
}

void read_default_server(Translator& translator, const Line& line) {
  read_options(translator, line, 1, translator.proxy->default_server);
}

}  // namespace reseal::haproxy
