#include "lb/haproxy/tls_option.h"

#include <array>
#include <string_view>

#include "lb/base/text.h"
#include "lb/haproxy/tls_words.h"

namespace reseal::haproxy {
namespace {

/// "h2,http/1.1".
std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    if (!one.empty()) parts.emplace_back(one);
    text.remove_prefix(std::min(text.size(), one.size() + 1));
  }
  return parts;
}

std::string path_of(TlsOptionReader& r, const char* what) {
  const std::string path = r.argument(what);
  return path.empty() || path == tls::kSystemCa
             ? path
             : Translator::absolute_path(path, r.translator.global.ca_base);
}

void read_verify(TlsOptionReader& r) {
  const std::string how = r.argument("none, optional or required");
  if (how == "none") {
    r.settings.clients.certificate = tls::ClientCertificate::kNotAsked;
  } else if (how == "optional") {
    r.settings.clients.certificate = tls::ClientCertificate::kOptional;
  } else if (how == "required") {
    r.settings.clients.certificate = tls::ClientCertificate::kRequired;
  } else if (!how.empty()) {
    r.translator.error(r.line, r.word, "verify '" + how + "': none, optional or required is expected");
  }
}

/// "all", or numbers of OpenSSL's errors between commas.
void read_ignored(TlsOptionReader& r, tls::IgnoredErrors& ignored) {
  for (const std::string& each : split_at_commas(r.argument("'all' or numbers of errors between commas"))) {
    const auto number = parse_decimal(each);
    if (each == "all") {
      ignored.all = true;
    } else if (number && *number < 1000) {
      ignored.numbers.push_back(static_cast<int>(*number));
    } else {
      r.translator.error(r.line, r.word, "'" + each + "' is no number of an error of OpenSSL, nor 'all'");
    }
  }
}

struct Option {
  std::string_view name;
  void (*read)(TlsOptionReader& reader);
};

constexpr std::array kOptions = {
    Option{"alpn",
           [](TlsOptionReader& r) {
             r.settings.alpn = split_at_commas(r.argument("a list of protocols"));
             r.says_alpn = true;
           }},
    Option{"no-alpn",
           [](TlsOptionReader& r) {
             r.settings.alpn.clear();
             r.says_alpn = true;
           }},
    Option{"npn",
           [](TlsOptionReader& r) {
             (void)r.argument("a list of protocols");
             r.translator.notice_once(r.line, "npn has no effect: clients use alpn");
           }},
    Option{"ciphers", [](TlsOptionReader& r) { r.settings.ciphers = r.argument("a list of ciphers"); }},
    Option{"ciphersuites",
           [](TlsOptionReader& r) { r.settings.ciphersuites = r.argument("a list of suites of TLS 1.3"); }},
    Option{"curves", [](TlsOptionReader& r) { r.settings.curves = r.argument("a list of curves"); }},
    Option{"ecdhe", [](TlsOptionReader& r) { r.settings.curves = r.argument("a curve"); }},
    Option{"ssl-min-ver",
           [](TlsOptionReader& r) { r.settings.min_version = tls_version(r.translator, r.line, ++r.word); }},
    Option{"ssl-max-ver",
           [](TlsOptionReader& r) { r.settings.max_version = tls_version(r.translator, r.line, ++r.word); }},
    Option{"verify", read_verify},
    Option{"ca-file",
           [](TlsOptionReader& r) { r.settings.clients.ca = path_of(r, "a file of accepted authorities"); }},
    Option{"ca-verify-file",
           [](TlsOptionReader& r) {
             r.settings.clients.silent_ca = path_of(r, "a file of accepted authorities");
           }},
    Option{"crl-file",
           [](TlsOptionReader& r) { r.settings.clients.revoked = path_of(r, "a file of revocation lists"); }},
    Option{"no-ca-names", [](TlsOptionReader& r) { r.settings.clients.names_issuers = false; }},
    Option{"crt-ignore-err",
           [](TlsOptionReader& r) { read_ignored(r, r.settings.clients.ignored_of_client); }},
    Option{"ca-ignore-err",
           [](TlsOptionReader& r) { read_ignored(r, r.settings.clients.ignored_of_issuers); }},
    Option{"allow-0rtt",
           [](TlsOptionReader& r) {
             r.translator.notice_once(
                 r.line, "allow-0rtt has no effect: clients send their early data again after the handshake");
           }},
    Option{"ocsp-update",
           [](TlsOptionReader& r) {
             (void)r.argument("on or off");
             r.translator.notice_once(r.line, "ocsp-update has no effect: no OCSP responses are sent");
           }},
};

}  // namespace

bool read_tls_option(TlsOptionReader& reader) {
  const std::string& name = reader.line.words[reader.word].text;
  for (const Option& option : kOptions) {
    if (option.name != name) continue;
    option.read(reader);
    return true;
  }
  return read_version_word(reader.translator, reader.line, reader.word, reader.settings.min_version,
                           reader.settings.max_version);
}

void check_tls_settings(Translator& translator, const Line& line, const config::TlsSettings& settings) {
  check_versions(translator, line, settings.min_version, settings.max_version);
  const tls::ClientTrust& clients = settings.clients;
  const bool asks = clients.certificate != tls::ClientCertificate::kNotAsked;
  if (asks && clients.ca.empty() && clients.silent_ca.empty())
    translator.error(line, 1, "'verify' without 'ca-file': whose certificates are accepted?");
}

}  // namespace reseal::haproxy
