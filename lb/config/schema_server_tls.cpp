// tls: of frontends, their binds, and of single certificates.
#include <array>

#include "lb/base/text.h"
#include "lb/config/schema_frontend.h"
#include "lb/config/schema_tls.h"

namespace reseal::config {
namespace {

void read_certificates(ValueReader& reader, const YamlNode& node, const char* key, ServerTls& tls) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string path;
    reader.path(*text, key, path);
    if (path.empty()) continue;
    tls.certificates.push_back(path);
    tls.certificate_places.push_back(text->place);
  }
}

// ---- client_certificates

constexpr std::array<std::pair<const char*, tls::ClientCertificate>, 3> kDemands = {{
    {"required", tls::ClientCertificate::kRequired},
    {"optional", tls::ClientCertificate::kOptional},
    {"none", tls::ClientCertificate::kNotAsked},
}};

template <auto kMember>
void path_of(ValueReader& reader, const YamlNode& node, const char* key, tls::ClientTrust& clients) {
  if (node.is_scalar() && node.text == tls::kSystemCa) {
    clients.*kMember = node.text;
  } else {
    reader.path(node, key, clients.*kMember);
  }
}

template <auto kMember>
constexpr Key<tls::ClientTrust> path_key(const char* name, const char* usual, const char* example) {
  return {name, path_of<kMember>, usual, example, write_text<kMember, tls::ClientTrust>};
}

/// Numbers of X509_V_ERR_*, or all.
template <auto kMember>
void ignored_of(ValueReader& reader, const YamlNode& node, const char* key, tls::ClientTrust& clients) {
  constexpr int kMostErrors = 1000;
  tls::IgnoredErrors& ignored = clients.*kMember;
  ignored.all = node.is_scalar() && node.text == "all";
  if (ignored.all) return;
  for (const YamlNode* text : reader.text_or_list(node, key))
    reader.integer(*text, key, 0, kMostErrors, ignored.numbers.emplace_back(), ", or all");
}
template <auto kMember>
void write_ignored(SectionWriter& writer, const char* key, const tls::ClientTrust& clients,
                   const tls::ClientTrust& usual) {
  const tls::IgnoredErrors& ignored = clients.*kMember;
  if (ignored == usual.*kMember) return;
  if (ignored.all) return writer.text(key, "all");
  std::vector<std::string> numbers;
  for (const int number : ignored.numbers) numbers.push_back(std::to_string(number));
  writer.texts(key, numbers);
}

constexpr Key<tls::ClientTrust> kClientKeys[] = {
    path_key<&tls::ClientTrust::ca>("ca", "(required)", "pki/clients.pem"),
    path_key<&tls::ClientTrust::silent_ca>("silent_ca", "(none)", "pki/more_clients.pem"),
    word_key<&tls::ClientTrust::certificate, kDemands>("demand", "required", "optional"),
    path_key<&tls::ClientTrust::revoked>("revoked", "(none)", "pki/revoked.pem"),
    boolean_key<&tls::ClientTrust::names_issuers>("name_issuers", "true", "false"),
    {"ignore_errors", ignored_of<&tls::ClientTrust::ignored_of_client>, "(none)", "[10]",
     write_ignored<&tls::ClientTrust::ignored_of_client>},
    {"ignore_issuer_errors", ignored_of<&tls::ClientTrust::ignored_of_issuers>, "(none)", "all",
     write_ignored<&tls::ClientTrust::ignored_of_issuers>},
};

tls::ClientTrust usual_clients() {
  tls::ClientTrust usual;
  usual.certificate = tls::ClientCertificate::kRequired;
  return usual;
}

template <class Tls>
void read_client_certificates(ValueReader& reader, const YamlNode& node, const char* key, Tls& tls) {
  tls.clients = usual_clients();
  read_section<tls::ClientTrust>(reader, node, key, kClientKeys, tls.clients);
  const bool needs_ca = tls.clients.certificate != tls::ClientCertificate::kNotAsked;
  if (node.is_map() && needs_ca && tls.clients.ca.empty() && tls.clients.silent_ca.empty())
    reader.error(node.place, std::string(key) + " without ca: whose certificates are accepted? add ca: FILE");
}
template <class Tls>
void write_client_certificates(SectionWriter& writer, const char* key, const Tls& tls, const Tls& usual) {
  if (tls.clients == usual.clients) return;
  writer.section(key, [&](SectionWriter& inner) {
    write_section<tls::ClientTrust>(inner, kClientKeys, tls.clients, usual_clients());
  });
}

// ---- what holds for one connection

template <class Tls>
void read_alpn(ValueReader& reader, const YamlNode& node, const char* key, Tls& tls) {
  tls.alpn.clear();
  if (node.is_scalar() && node.text == "off") return;
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    reader.word<std::string>(*text, key, {{"h2", "h2"}, {"http/1.1", "http/1.1"}}, tls.alpn.emplace_back());
  }
}
template <class Tls>
void write_alpn(SectionWriter& writer, const char* key, const Tls& tls, const Tls& usual) {
  if (tls.alpn == usual.alpn) return;
  tls.alpn.empty() ? writer.text(key, "off") : writer.texts(key, tls.alpn);
}

template <class Tls>
constexpr Key<Tls> kSettingsKeys[] = {
    tls_version_key<&Tls::min_version, Tls>("min_version", "\"1.2\"", "\"1.3\""),
    tls_version_key<&Tls::max_version, Tls>("max_version", "\"1.3\"", "\"1.2\""),
    text_key<&Tls::ciphers, Tls>("ciphers", "(Mozilla intermediate)", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    text_key<&Tls::ciphersuites, Tls>("ciphersuites", "(Mozilla intermediate)", "TLS_AES_128_GCM_SHA256"),
    {"alpn", read_alpn<Tls>, "[h2, http/1.1]", "[http/1.1]", write_alpn<Tls>},
    text_key<&Tls::curves, Tls>("curves", "(X25519, P-256, P-384)", "\"P-256\""),
    {"client_certificates", read_client_certificates<Tls>, "(none)", "{ ca: pki/clients.pem }",
     write_client_certificates<Tls>},
};

// ---- single certificates

void read_listed_file(ValueReader& reader, const YamlNode& node, const char* key, ListedCertificate& listed) {
  reader.path(node, key, listed.file);
}

void read_names(ValueReader& reader, const YamlNode& node, const char* key, ListedCertificate& listed) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string name;
    reader.visible(*text, key, "a host such as www.example.org, \"*.example.org\" or \"!www.example.org\"",
                   name);
    if (!name.empty()) listed.names.push_back(lowered(name));
  }
}

constexpr Key<ListedCertificate> kListedKeys[] = {
    {"certificate", read_listed_file, "(required)", "certs/www.pem", write_text<&ListedCertificate::file>},
    {"names", read_names, "(the certificate's)", "[www.example.org, \"*.example.com\"]",
     write_texts<&ListedCertificate::names>},
    optional_section_key<&ListedCertificate::settings, kSettingsKeys<TlsSettings>>(
        "tls", "(the bind's)", "{ min_version: \"1.3\" }"),
};

void read_listed(ValueReader& reader, const YamlNode& node, const char* key, ServerTls& tls) {
  for (const YamlNode* item : reader.maps(node, key)) {
    ListedCertificate& listed = tls.listed.emplace_back();
    listed.place = item->place;
    read_section<ListedCertificate>(reader, *item, key, kListedKeys, listed);
    if (listed.file.empty())
      reader.error(item->place, std::string(key) + " has an entry without certificate: FILE");
  }
}
void write_listed(SectionWriter& writer, const char* key, const ServerTls& tls, const ServerTls&) {
  writer.sections(key, tls.listed, [](SectionWriter& inner, const ListedCertificate& listed) {
    write_section<ListedCertificate>(inner, kListedKeys, listed, {});
  });
}

// ---- the section

constexpr Key<ServerTls> kOwnKeys[] = {
    {"certificates", read_certificates, "(required)", "[certs/, extra/example.org.pem]",
     write_texts<&ServerTls::certificates>},
    {"listed_certificates", read_listed, "(none)", "[{ certificate: certs/www.pem, names: www.example.org }]",
     write_listed},
    boolean_key<&ServerTls::whole_folders>("whole_folders", "false", "true"),
    boolean_key<&ServerTls::strict_names>("strict_names", "false", "true"),
    boolean_key<&ServerTls::client_preference>("client_preference", "false", "true"),
    boolean_key<&ServerTls::session_tickets>("session_tickets", "true", "false"),
};
constexpr auto kTlsKeys = joined(kOwnKeys, kSettingsKeys<ServerTls>);

/// In mode: tcp no protocols are offered unless they are named.
ServerTls usual_tls(Mode mode) {
  ServerTls usual;
  if (mode == Mode::kTcp) usual.alpn.clear();
  return usual;
}

}  // namespace

ServerTls read_server_tls(ValueReader& reader, const YamlNode& node, const std::string& owner, Mode mode) {
  ServerTls tls = read_tls_section<ServerTls>(reader, node, owner, kTlsKeys);
  if (node.find("alpn") == nullptr) tls.alpn = usual_tls(mode).alpn;
  return tls;
}

void write_server_tls(SectionWriter& writer, const char* key, const ServerTls& tls, Mode mode) {
  writer.section(
      key, [&](SectionWriter& inner) { write_section<ServerTls>(inner, kTlsKeys, tls, usual_tls(mode)); },
      true);
}

void append_server_tls_keys(std::vector<KeyReference>& all, const std::string& prefix, bool in_full) {
  append_keys<ServerTls>(all, prefix, kTlsKeys);
  append_keys<tls::ClientTrust>(all, prefix + "client_certificates.", kClientKeys);
  if (!in_full) return;
  append_keys<ListedCertificate>(all, prefix + "listed_certificates.", kListedKeys);
  append_keys<TlsSettings>(all, prefix + "listed_certificates.tls.", kSettingsKeys<TlsSettings>);
}

}  // namespace reseal::config
