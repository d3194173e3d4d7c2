#include "lb/haproxy/bind_line.h"

#include <array>
#include <string_view>

#include "lb/haproxy/bind_socket.h"
#include "lb/haproxy/crt_list.h"
#include "lb/haproxy/keyword_handler.h"
#include "lb/haproxy/tls_option.h"

namespace reseal::haproxy {
namespace {

/// The words of one `bind` line, read from left to right.
struct BindReader {
  Translator& translator;
  const Line& line;
  BindDraft bind;
  std::size_t word = 2;  // the next
  bool v6_only = false;
  std::vector<std::size_t> lists{};  // the words that name crt-lists

  std::string argument(const char* what) { return translator.argument(line, ++word, what); }
};

void read_certificate(BindReader& r) {
  const std::string path = r.argument("a file or a folder of certificates");
  if (path.empty()) return;
  config::ServerTls& tls = r.bind.tls_settings;
  tls.certificates.push_back(Translator::absolute_path(path, r.translator.global.crt_base));
  tls.certificate_places.push_back(r.translator.place_of(r.line, r.word));
}

struct Option {
  std::string_view name;
  void (*read)(BindReader& reader);
};

constexpr std::array kOptions = {
    Option{"ssl", [](BindReader& r) { r.bind.tls = true; }},
    Option{"crt", read_certificate},
    Option{"default-crt", read_certificate},
    Option{"crt-list",
           [](BindReader& r) {
             if (!r.argument("a file").empty()) r.lists.push_back(r.word);
           }},
    Option{"strict-sni", [](BindReader& r) { r.bind.tls_settings.strict_names = true; }},
    Option{"no-strict-sni", [](BindReader& r) { r.bind.tls_settings.strict_names = false; }},
    Option{"prefer-client-ciphers", [](BindReader& r) { r.bind.tls_settings.client_preference = true; }},
    Option{"tls-tickets", [](BindReader& r) { r.bind.tls_settings.session_tickets = true; }},
    Option{"tls-ticket-keys",
           [](BindReader& r) {
             (void)r.argument("a file");
             r.translator.notice_once(r.line,
                                      "tls-ticket-keys has no effect: reseal makes its own keys; clients of "
                                      "other machines begin anew");
           }},
    Option{"generate-certificates",
           [](BindReader& r) {
             r.translator.error(
                 r.line, r.word,
                 "'generate-certificates' is not there: give the certificates by 'crt' or 'crt-list'");
           }},
    Option{"no-tls-tickets", [](BindReader& r) { r.bind.tls_settings.session_tickets = false; }},
    Option{"accept-proxy", [](BindReader& r) { r.bind.accept_proxy = true; }},
    Option{"v4v6", [](BindReader& r) { r.v6_only = false; }},
    Option{"v6only", [](BindReader& r) { r.v6_only = true; }},
};

void read_option(BindReader& reader) {
  const std::string& name = reader.line.words[reader.word].text;
  for (const Option& option : kOptions) {
    if (option.name != name) continue;
    option.read(reader);
    return;
  }
  TlsOptionReader tls{reader.translator, reader.line, reader.word, reader.bind.tls_settings,
                      reader.bind.says_alpn};
  if (read_tls_option(tls)) return;
  if (read_socket_option(reader.translator, reader.line, reader.word, reader.bind)) return;
  report_unknown_option(reader.translator, reader.line, reader.word, "bind", Vocabulary::kBind);
  reader.word = reader.line.words.size();  // what belongs to it is not known
}

/// What can be said of TLS only once the line's end is reached.
void finish_tls(BindReader& reader) {
  config::ServerTls& tls = reader.bind.tls_settings;
  check_tls_settings(reader.translator, reader.line, tls);
  tls.whole_folders = true;
  for (const std::size_t list : reader.lists)
    read_crt_list(reader.translator, reader.line, list, reader.bind);
  const bool has_certificates = !tls.certificates.empty() || !tls.listed.empty() || !reader.lists.empty();
  if (!reader.bind.tls && has_certificates)
    reader.translator.notice(reader.line,
                             "'crt' without 'ssl' has no effect: this address is served in plaintext");
  if (reader.bind.tls && !has_certificates && !tls.strict_names)
    reader.translator.error(reader.line, 1, "'ssl' without 'crt': which certificate is to be presented?");
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
  reader.bind.tls_settings.curves = global.bind_curves;
  reader.bind.tls_settings.min_version = global.bind_versions.least;
  reader.bind.tls_settings.max_version = global.bind_versions.most;
  reader.bind.tls_settings.session_tickets = global.bind_versions.tickets;
  reader.bind.tls_settings.alpn = {"h2", "http/1.1"};
  reader.bind.socket = global.unix_socket;
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
  for (config::Bind& bind : reader.bind.addresses) {
    if (bind.kind == config::BindKind::kUnix) bind.host = global.unix_prefix + bind.host;
  }
  if (addresses.find("quic4@") != std::string::npos || addresses.find("quic6@") != std::string::npos)
    translator.notice(line, "addresses of QUIC are left out: it is not spoken");
  finish_tls(reader);
  translator.proxy->binds.push_back(std::move(reader.bind));
}

}  // namespace reseal::haproxy
