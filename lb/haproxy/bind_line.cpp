#include "lb/haproxy/bind_line.h"

#include <array>
#include <string_view>

#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/tls_words.h"

namespace reseal::haproxy {
namespace {

/// The words of one `bind` line, read from left to right.
struct BindReader {
  Translator& translator;
  const Line& line;
  BindDraft bind;
  std::size_t word = 2;  // the next
  bool v6_only = false;

  std::string argument(const char* what) { return translator.argument(line, ++word, what); }
};

/// "h2,http/1.1".
std::vector<std::string> split_protocols(std::string_view text) {
  std::vector<std::string> protocols;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    if (!one.empty()) protocols.emplace_back(one);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return protocols;
}

struct Option {
  std::string_view name;
  void (*read)(BindReader& reader);
};

constexpr std::array kOptions = {
    Option{"ssl", [](BindReader& r) { r.bind.tls = true; }},
    Option{"crt",
           [](BindReader& r) {
             const std::string path = r.argument("a file or a folder of certificates");
             if (path.empty()) return;
             r.bind.tls_settings.certificates.push_back(
                 Translator::absolute_path(path, r.translator.global.crt_base));
             r.bind.tls_settings.certificate_places.push_back(r.translator.place_of(r.line, r.word));
           }},
    Option{"alpn",
           [](BindReader& r) {
             r.bind.tls_settings.alpn = split_protocols(r.argument("a list of protocols"));
             r.bind.says_alpn = true;
           }},
    Option{"ciphers", [](BindReader& r) { r.bind.tls_settings.ciphers = r.argument("a list of ciphers"); }},
    Option{
        "ciphersuites",
        [](BindReader& r) { r.bind.tls_settings.ciphersuites = r.argument("a list of suites of TLS 1.3"); }},
    Option{
        "ssl-min-ver",
        [](BindReader& r) { r.bind.tls_settings.min_version = tls_version(r.translator, r.line, ++r.word); }},
    Option{
        "ssl-max-ver",
        [](BindReader& r) { r.bind.tls_settings.max_version = tls_version(r.translator, r.line, ++r.word); }},
    Option{"no-tls-tickets", [](BindReader& r) { r.bind.tls_settings.session_tickets = false; }},
    Option{"accept-proxy", [](BindReader& r) { r.bind.accept_proxy = true; }},
    Option{"name",
           [](BindReader& r) {
             (void)r.argument("a name");
           }},  // of statistics: frontends are counted as a whole
    Option{"maxconn",
           [](BindReader& r) {
             (void)r.argument("a number");
             r.translator.notice_once(r.line,
                                      "a maxconn of its own has no effect: the one of the process holds");
           }},
    Option{"backlog", [](BindReader& r) { (void)r.argument("a number"); }},
    Option{"v4v6", [](BindReader& r) { r.v6_only = false; }},
    Option{"v6only", [](BindReader& r) { r.v6_only = true; }},
    Option{"tfo", [](BindReader& r) { r.translator.notice_once(r.line, "TCP fast open has no effect"); }},
    Option{"defer-accept", [](BindReader&) {}},
};

void read_option(BindReader& reader) {
  const std::string& name = reader.line.words[reader.word].text;
  for (const Option& option : kOptions) {
    if (option.name != name) continue;
    option.read(reader);
    return;
  }
  config::ServerTls& tls = reader.bind.tls_settings;
  if (read_version_word(reader.translator, reader.line, reader.word, tls.min_version, tls.max_version))
    return;
  report_unknown_option(reader.translator, reader.line, reader.word, "bind", Vocabulary::kBind);
  reader.word = reader.line.words.size();  // what belongs to it is not known
}

}  // namespace

void read_bind(Translator& translator, const Line& line) {
  const std::string addresses = translator.argument(line, 1, "an address such as '*:80'");
  if (addresses.empty()) return;
  BindReader reader{translator, line, {}};
  const GlobalDraft& global = translator.global;
  reader.bind.place = translator.place_of(line, 1);
  reader.bind.tls_settings.ciphers = global.bind_ciphers;
  reader.bind.tls_settings.ciphersuites = global.bind_ciphersuites;
  reader.bind.tls_settings.min_version = global.bind_versions.least;
  reader.bind.tls_settings.max_version = global.bind_versions.most;
  reader.bind.tls_settings.session_tickets = global.bind_versions.tickets;
  reader.bind.tls_settings.alpn = {"h2", "http/1.1"};
  reader.bind.addresses =
      translator.value_or(parse_bind_addresses(addresses, reader.bind.place), line, 1, {});
  for (; reader.word < line.words.size(); ++reader.word) read_option(reader);
  // The kernel lets "[::]" take IPv4 as well unless it is told not to; here each family has its own listener.
  const std::vector<config::Bind> written = reader.bind.addresses;
  for (const config::Bind& address : written) {
    if (address.host == "::" && !reader.v6_only && address.port != 0) {
      reader.bind.addresses.push_back({"*", address.port, address.place});
    }
  }
  const config::ServerTls& tls = reader.bind.tls_settings;
  check_versions(translator, line, tls.min_version, tls.max_version);
  if (!reader.bind.tls && !tls.certificates.empty())
    translator.notice(line, "'crt' without 'ssl' has no effect: this address is served in plaintext");
  if (reader.bind.tls && tls.certificates.empty()) {
    translator.error(line, 1, "'ssl' without 'crt': which certificate is to be presented?");
  }
  translator.proxy->binds.push_back(std::move(reader.bind));
}

}  // namespace reseal::haproxy
