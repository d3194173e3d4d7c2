#include "lb/haproxy/server_line.h"

#include <array>
#include <string_view>

#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/tls_words.h"

namespace reseal::haproxy {
namespace {

constexpr int kMostWeight = 256;
constexpr int kMostConnections = 1'000'000;

/// The options of one line, read from left to right.
struct OptionReader {
  Translator& translator;
  const Line& line;
  ServerOptions& options;
  std::size_t word;  // the next

  std::string argument(const char* what) { return translator.argument(line, ++word, what); }
  int number(int least, int most, int otherwise) {
    const std::string text = argument("a number");
    return text.empty() ? otherwise
                        : translator.value_or(parse_number(text, least, most), line, word, otherwise);
  }
  std::optional<Duration> time() {
    const std::string text = argument("a time");
    if (text.empty()) return std::nullopt;
    const Duration time = translator.value_or(parse_time(text), line, word, Duration(2000));
    if (time == Duration(0)) translator.error(line, word, "a time of 0 is none here");
    return time;
  }
  std::string path(const char* what, const std::string& base) {
    const std::string text = argument(what);
    return text.empty() ? text : Translator::absolute_path(text, base);
  }
  void no_effect(const char* why) { translator.notice_once(line, why); }
};

void read_verify(OptionReader& r) {
  const std::string how = r.argument("none or required");
  if (how != "none" && how != "required" && !how.empty()) {
    r.translator.error(r.line, r.word, "verify '" + how + "': none or required is expected");
  }
  r.options.verify_none = how == "none";
}

/// str(web.internal): a constant. Anything else depends on the request.
void read_sni(OptionReader& r) {
  const std::string text = r.argument("an expression such as str(web.internal)");
  const bool is_constant =
      text.starts_with("str(") && text.find_first_of("(),", 4) == text.size() - 1 && text.ends_with(')');
  if (is_constant) {
    r.options.sni = text.substr(4, text.size() - 5);
  } else if (!text.empty()) {
    r.translator.error(r.line, r.word, "an sni that depends on the request is not there yet; str(NAME) is");
  }
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

struct Option {
  std::string_view name;
  void (*read)(OptionReader& reader);
};

constexpr std::array kOptions = {
    Option{"check", [](OptionReader& r) { r.options.check = true; }},
    Option{"no-check", [](OptionReader& r) { r.options.check = false; }},
    Option{"inter", [](OptionReader& r) { r.options.interval = r.time(); }},
    Option{"fastinter", [](OptionReader& r) { r.options.fast_interval = r.time(); }},
    Option{"downinter", [](OptionReader& r) { r.options.down_interval = r.time(); }},
    Option{"slowstart", [](OptionReader& r) { r.options.slow_start = r.time(); }},
    Option{"rise", [](OptionReader& r) { r.options.rise = r.number(1, 1000, 2); }},
    Option{"fall", [](OptionReader& r) { r.options.fall = r.number(1, 1000, 3); }},
    Option{"weight", [](OptionReader& r) { r.options.weight = r.number(0, kMostWeight, 1); }},
    Option{"maxconn", [](OptionReader& r) { r.options.max_connections = r.number(0, kMostConnections, 0); }},
    Option{"backup", [](OptionReader& r) { r.options.backup = true; }},
    Option{"disabled", [](OptionReader& r) { r.options.disabled = true; }},
    Option{"enabled", [](OptionReader& r) { r.options.disabled = false; }},
    Option{"ssl", [](OptionReader& r) { r.options.tls = true; }},
    Option{"no-ssl", [](OptionReader& r) { r.options.tls = false; }},
    Option{"verify", read_verify},
    Option{"verifyhost", [](OptionReader& r) { r.options.verify_host = r.argument("a host name"); }},
    Option{"ca-file",
           [](OptionReader& r) {
             const std::string text = r.argument("a file of accepted authorities");
             r.options.tls_settings.ca = text.empty() || text == "@system-ca"
                                             ? ""
                                             : Translator::absolute_path(text, r.translator.global.ca_base);
             r.options.tls_settings.ca_place = r.translator.place_of(r.line, r.word);
           }},
    Option{"crt",
           [](OptionReader& r) {
             r.options.tls_settings.certificate =
                 r.path("a file with certificate and key", r.translator.global.crt_base);
             r.options.tls_settings.certificate_place = r.translator.place_of(r.line, r.word);
           }},
    Option{"sni", read_sni},
    Option{"alpn", read_alpn},
    Option{"ciphers",
           [](OptionReader& r) { r.options.tls_settings.ciphers = r.argument("a list of ciphers"); }},
    Option{"ciphersuites",
           [](OptionReader& r) {
             r.options.tls_settings.ciphersuites = r.argument("a list of suites of TLS 1.3");
           }},
    Option{"ssl-min-ver",
           [](OptionReader& r) {
             r.options.tls_settings.min_version = tls_version(r.translator, r.line, ++r.word);
           }},
    Option{"ssl-max-ver",
           [](OptionReader& r) {
             r.options.tls_settings.max_version = tls_version(r.translator, r.line, ++r.word);
           }},
    Option{"send-proxy", [](OptionReader& r) { r.options.send_proxy = config::SendProxy::kV1; }},
    Option{"send-proxy-v2", [](OptionReader& r) { r.options.send_proxy = config::SendProxy::kV2; }},
    Option{"id", [](OptionReader& r) { r.options.number = r.number(1, kMostConnections, 1); }},
    Option{"minconn",
           [](OptionReader& r) {
             (void)r.number(0, kMostConnections, 0);
             r.no_effect("minconn has no effect: maxconn holds whatever the load is");
           }},
    Option{"maxqueue",
           [](OptionReader& r) {
             (void)r.number(0, kMostConnections, 0);
             r.no_effect("maxqueue has no effect: a backend has one queue");
           }},
    Option{"init-addr",
           [](OptionReader& r) {
             (void)r.argument("a list of ways");
             r.no_effect(
                 "init-addr has no effect: names are resolved when reseal starts, and at every reload");
           }},
    Option{"resolvers",
           [](OptionReader& r) {
             (void)r.argument("a name");
             r.no_effect(
                 "resolvers have no effect yet: names are resolved when reseal starts, and at every reload");
           }},
    Option{"resolve-prefer", [](OptionReader& r) { (void)r.argument("ipv4 or ipv6"); }},
    Option{
        "on-marked-down",
        [](OptionReader& r) {
          (void)r.argument("shutdown-sessions");
          r.no_effect(
              "on-marked-down has no effect yet: connections of a server that goes down end by themselves");
        }},
};

void read_option(OptionReader& reader) {
  const std::string& name = reader.line.words[reader.word].text;
  for (const Option& option : kOptions) {
    if (option.name != name) continue;
    option.read(reader);
    return;
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

}  // namespace

void read_server(Translator& translator, const Line& line) {
  ServerDraft server;
  server.name = translator.argument(line, 1, "a name");
  if (server.name.empty()) return;
  const std::string address = translator.argument(line, 2, "an address such as 10.0.0.1:8080");
  if (address.empty()) return;
  const auto where = translator.value_or(parse_server_address(address), line, 2, ServerAddress{});
  server.host = where.host;
  server.port = where.port;
  if (!where.host.empty() && where.port == 0) {
    translator.error(line, 2,
                     "'" + address + "' has no port; one that follows the client's is not there yet");
  }
  server.options = translator.proxy->default_server;
  server.place = translator.place_of(line, 1);
  for (const ServerDraft& other : translator.proxy->servers) {
    if (other.name == server.name)
      translator.error(line, 1, "there is a server '" + server.name + "' in this backend already");
  }
  read_options(translator, line, 3, server.options);
  const config::ClientTls& tls = server.options.tls_settings;
  check_versions(translator, line, tls.min_version, tls.max_version);
  translator.proxy->servers.push_back(std::move(server));
}

void read_default_server(Translator& translator, const Line& line) {
  read_options(translator, line, 1, translator.proxy->default_server);
}

}  // namespace reseal::haproxy
