// tls: of a backend, or of a server that has its own.
#include <array>

#include "lb/config/schema_backend.h"
#include "lb/config/schema_tls.h"

namespace reseal::config {
namespace {

template <auto kMember, auto kPlace>
void file_of(ValueReader& reader, const YamlNode& node, const char* key, ClientTls& tls) {
  reader.path(node, key, tls.*kMember);
  tls.*kPlace = node.place;
}
template <auto kMember, auto kPlace>
constexpr Key<ClientTls> file_key(const char* name, const char* usual, const char* example) {
  return {name, file_of<kMember, kPlace>, usual, example, write_text<kMember, ClientTls>};
}

template <auto kMember>
void path_of(ValueReader& reader, const YamlNode& node, const char* key, ClientTls& tls) {
  reader.path(node, key, tls.*kMember);
}

template <auto kMember>
void host_of(ValueReader& reader, const YamlNode& node, const char* key, ClientTls& tls) {
  reader.visible(node, key, "a host name or an address", tls.*kMember);
}

constexpr std::array<std::pair<const char*, bool>, 2> kVerify = {{{"full", true}, {"none", false}}};

using Tls = ClientTls;
constexpr Key<Tls> kTlsKeys[] = {
    file_key<&Tls::ca, &Tls::ca_place>("ca", "(the system's store)", "pki/ca.pem"),
    {"revoked", path_of<&Tls::revoked>, "(none)", "pki/revoked.pem", write_text<&Tls::revoked>},
    file_key<&Tls::certificate, &Tls::certificate_place>("certificate", "(none)", "pki/lb.pem"),
    file_key<&Tls::key, &Tls::key_place>("key", "(in certificate)", "pki/lb.key"),
    word_key<&Tls::verify, kVerify>("verify", "full", "none"),
    {"verify_host", host_of<&Tls::verify_host>, "(the server's host)", "web.internal",
     write_text<&Tls::verify_host>},
    {"sni", host_of<&Tls::sni>, "(verify_host)", "web.internal", write_text<&Tls::sni>},
    text_key<&Tls::sni_expression>("sni_expression", "(none)", "req.hdr(host)"),
    tls_version_key<&Tls::min_version, Tls>("min_version", "\"1.2\"", "\"1.3\""),
    tls_version_key<&Tls::max_version, Tls>("max_version", "\"1.3\"", "\"1.2\""),
    text_key<&Tls::ciphers>("ciphers", "(Mozilla intermediate)", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    text_key<&Tls::ciphersuites>("ciphersuites", "(Mozilla intermediate)", "TLS_AES_128_GCM_SHA256"),
};

}  // namespace

ClientTls read_client_tls(ValueReader& reader, const YamlNode& node, const std::string& owner) {
  return read_tls_section<ClientTls>(reader, node, owner, kTlsKeys);
}

void write_client_tls(SectionWriter& writer, const char* key, const ClientTls& tls) {
  writer.section(
      key, [&](SectionWriter& inner) { write_section<ClientTls>(inner, kTlsKeys, tls, {}); }, true);
}

void append_client_tls_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<ClientTls>(all, prefix, kTlsKeys);
}

}  // namespace reseal::config
