#include "lb/config/schema.h"
#include "lb/config/schema_rules.h"
#include "lb/net/address.h"

namespace reseal::config {
namespace {

// ---- tls
void read_certificates(ValueReader& reader, const YamlNode& node, const char* key, ServerTls& tls) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    std::string path;
    reader.path(*text, key, path);
    if (path.empty()) continue;
    tls.certificates.push_back(path);
    tls.certificate_places.push_back(text->place);
  }
}

void read_alpn(ValueReader& reader, const YamlNode& node, const char* key, ServerTls& tls) {
  tls.alpn.clear();
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    reader.word<std::string>(*text, key, {{"h2", "h2"}, {"http/1.1", "http/1.1"}}, tls.alpn.emplace_back());
  }
}

void read_demand(ValueReader& reader, const YamlNode& node, const char* key, tls::ClientTrust& clients) {
  reader.word<tls::ClientCertificate>(
      node, key,
      {{"required", tls::ClientCertificate::kRequired}, {"optional", tls::ClientCertificate::kOptional}},
      clients.certificate);
}

template <auto kMember>
void path_of(ValueReader& reader, const YamlNode& node, const char* key, tls::ClientTrust& clients) {
  reader.path(node, key, clients.*kMember);
}

constexpr Key<tls::ClientTrust> kClientKeys[] = {
    {"ca", path_of<&tls::ClientTrust::ca>, "(required)", "pki/clients.pem"},
    {"demand", read_demand, "required", "optional"},
    {"revoked", path_of<&tls::ClientTrust::revoked>, "(none)", "pki/revoked.pem"},
};

void read_client_certificates(ValueReader& reader, const YamlNode& node, const char* key, ServerTls& tls) {
  tls.clients.certificate = tls::ClientCertificate::kRequired;
  read_section<tls::ClientTrust>(reader, node, key, kClientKeys, tls.clients);
  if (node.is_map() && tls.clients.ca.empty())
    reader.error(node.place, std::string(key) + " without ca: whose certificates are accepted? add ca: FILE");
}

constexpr Key<ServerTls> kTlsKeys[] = {
    {"certificates", read_certificates, "(required)", "[certs/, extra/example.org.pem]"},
    {"min_version", tls_version_of<&ServerTls::min_version>, "\"1.2\"", "\"1.3\""},
    {"max_version", tls_version_of<&ServerTls::max_version>, "\"1.3\"", "\"1.2\""},
    {"ciphers", text_of<&ServerTls::ciphers>, "(Mozilla intermediate)", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"ciphersuites", text_of<&ServerTls::ciphersuites>, "(Mozilla intermediate)", "TLS_AES_128_GCM_SHA256"},
    {"alpn", read_alpn, "[h2, http/1.1]", "[http/1.1]"},
    {"curves", text_of<&ServerTls::curves>, "(X25519, P-256, P-384)", "\"P-256\""},
    {"client_certificates", read_client_certificates, "(none)", "{ ca: pki/clients.pem }"},
    {"strict_names", boolean_of<&ServerTls::strict_names>, "false", "true"},
    {"session_tickets", boolean_of<&ServerTls::session_tickets>, "true", "false"},
};

/// In mode: tcp no protocols are offered unless they are named.
void offer_by_mode(const YamlNode& node, const Frontend& frontend, ServerTls& tls) {
  if (frontend.mode == Mode::kTcp && node.find("alpn") == nullptr) tls.alpn.clear();
}

/// tls: of a bind: off, or settings of its own.
void read_own_tls(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  if (node.is_map()) {
    bind.tls = BindTls::kOwn;
    bind.own_tls = read_tls_section<ServerTls>(reader, node, "a bind", kTlsKeys);
  } else {
    reader.word<BindTls>(node, key, {{"off", BindTls::kOff}}, bind.tls);
  }
}

void read_own_senders(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  bind.accept_proxy.emplace();
  if (node.is_scalar() && node.text == "off") return;
  read_blocks(reader, node, key, *bind.accept_proxy);
}

constexpr Key<Bind> kBindKeys[] = {
    {"address", read_bind, "(required)", "\"*:443\""},
    {"tls", read_own_tls, "(the frontend's)", "off"},
    {"accept_proxy", read_own_senders, "(the frontend's)", "[10.0.0.0/8]"},
};

/// One element of bind: an address, or a map of what differs there.
void read_element(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  Bind bind;
  if (node.is_map()) {
    read_section<Bind>(reader, node, "a bind of frontend '" + frontend.name + "'", kBindKeys, bind);
    if (bind.tls == BindTls::kOwn) offer_by_mode(*node.find("tls"), frontend, bind.own_tls);
    if (node.find("address") == nullptr)
      reader.error(node.place, "a bind without an address; add address: \"*:443\"");
  } else {
    read_bind(reader, node, key, bind);
  }
  if (!bind.host.empty()) frontend.binds.push_back(std::move(bind));
}

}  // namespace

void read_binds(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  if (node.is_map()) {
    read_element(reader, node, key, frontend);
  } else if (node.is_sequence() && !node.items.empty()) {
    for (const auto& item : node.items) read_element(reader, *item, key, frontend);
  } else {
    for (const YamlNode* text : reader.text_or_list(node, key)) read_element(reader, *text, key, frontend);
  }
}

void read_frontend_tls(ValueReader& reader, const YamlNode& node, Frontend& frontend) {
  frontend.tls = read_tls_section<ServerTls>(reader, node, "frontend '" + frontend.name + "'", kTlsKeys);
  offer_by_mode(node, frontend, *frontend.tls);
}

void read_bind(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  std::string text;
  reader.text(node, key, text);
  if (text.empty()) return;
  const std::string found = std::string(key) + " is '" + shortened(text) + "': ";
  auto parts = net::split_host_port(text);
  if (!parts) {
    reader.error(node.place, found + parts.error() + "; accepted: *:443, 127.0.0.1:8443, [::1]:8443");
    return;
  }
  if (parts->host != "*" && !net::Address::parse(parts->host, 0)) {
    reader.error(node.place,
                 found + "not an IP address; write an address of this machine, or * for every one");
    return;
  }
  bind.host = parts->host;
  bind.port = parts->port;
  bind.place = node.place;
}

void read_tls_version(ValueReader& reader, const YamlNode& node, const char* key, TlsVersion& version) {
  reader.word<TlsVersion>(node, key, {{"1.2", TlsVersion::kTls12}, {"1.3", TlsVersion::kTls13}}, version);
}

void append_bind_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Bind>(all, prefix + "bind.", kBindKeys);
  for (const char* section : {"bind.tls.", "tls."}) {
    append_keys<ServerTls>(all, prefix + section, kTlsKeys);
    append_keys<tls::ClientTrust>(all, prefix + section + "client_certificates.", kClientKeys);
  }
}

}  // namespace reseal::config
