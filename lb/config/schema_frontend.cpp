#include "lb/config/schema.h"
#include "lb/config/schema_rules.h"
#include "lb/http/message.h"
#include "lb/net/address.h"

namespace reseal::config {
namespace {

constexpr int kMostFields = 1000;
constexpr int kMostStreams = 1000;
constexpr std::uint32_t kLeastHead = 1024;
constexpr std::uint32_t kMostHead = 256 * 1024;

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

constexpr Key<ServerTls> kTlsKeys[] = {
    {"certificates", read_certificates, "(required)", "[certs/, extra/example.org.pem]"},
    {"min_version", tls_version_of<&ServerTls::min_version>, "\"1.2\"", "\"1.3\""},
    {"max_version", tls_version_of<&ServerTls::max_version>, "\"1.3\"", "\"1.2\""},
    {"ciphers", text_of<&ServerTls::ciphers>, "(Mozilla intermediate)", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"ciphersuites", text_of<&ServerTls::ciphersuites>, "(Mozilla intermediate)", "TLS_AES_128_GCM_SHA256"},
    {"alpn", read_alpn, "[h2, http/1.1]", "[http/1.1]"},
    {"session_tickets", boolean_of<&ServerTls::session_tickets>, "true", "false"},
};

void read_tls(ValueReader& reader, const YamlNode& node, const char*, Frontend& frontend) {
  frontend.tls_passthrough = node.is_scalar() && node.text == "passthrough";
  if (frontend.tls_passthrough) return;
  frontend.tls = read_tls_section<ServerTls>(reader, node, "frontend '" + frontend.name + "'", kTlsKeys);
}

// ---- timeouts and limits

constexpr Key<Timeouts> kTimeoutKeys[] = {
    {"handshake", duration_of<&Timeouts::handshake>, "10s", "5s"},
    {"request_head", duration_of<&Timeouts::request_head>, "10s", "5s"},
    {"request_body", duration_of<&Timeouts::request_body>, "30s", "1m"},
    {"keep_alive", duration_of<&Timeouts::keep_alive>, "60s", "15s"},
    {"response_write", duration_of<&Timeouts::response_write>, "30s", "1m"},
};

void read_timeouts(ValueReader& reader, const YamlNode& node, const char*, Frontend& frontend) {
  frontend.timeouts.place = node.place;
  read_section<Timeouts>(reader, node, "timeouts of frontend '" + frontend.name + "'", kTimeoutKeys,
                         frontend.timeouts);
}

void read_head_limit(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  reader.size(node, key, kLeastHead, kMostHead, frontend.max_head_bytes);
}

void read_field_limit(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  int fields = static_cast<int>(frontend.max_fields);
  reader.integer(node, key, 1, kMostFields, fields);
  frontend.max_fields = static_cast<std::uint32_t>(fields);
}

void read_stream_limit(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  int streams = static_cast<int>(frontend.max_streams);
  reader.integer(node, key, 1, kMostStreams, streams);
  frontend.max_streams = static_cast<std::uint32_t>(streams);
}

constexpr Key<Frontend> kLimitKeys[] = {
    {"head", read_head_limit, "32KiB", "16KiB"},
    {"fields", read_field_limit, "100", "200"},
    {"streams", read_stream_limit, "100", "250"},
};

void read_limits(ValueReader& reader, const YamlNode& node, const char*, Frontend& frontend) {
  read_section<Frontend>(reader, node, "limits of frontend '" + frontend.name + "'", kLimitKeys, frontend);
}

// ---- the frontend

void read_binds(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  for (const YamlNode* text : reader.text_or_list(node, key)) {
    Bind bind;
    read_bind(reader, *text, key, bind);
    if (!bind.host.empty()) frontend.binds.push_back(std::move(bind));
  }
}

void read_default(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  reader.text(node, key, frontend.default_backend);
  frontend.default_place = node.place;
}

void read_redirect_port(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  int port = frontend.redirect_port;
  reader.integer(node, key, 1, 65535, port);
  frontend.redirect_port = static_cast<std::uint16_t>(port);
}

constexpr Key<Frontend> kRedirectKeys[] = {{"https", read_redirect_port, "443", "8443"}};

void read_https_redirect(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  if (!node.is_map()) {
    reader.word<bool>(node, key, {{"https", true}}, frontend.redirect_https);
    return;
  }
  frontend.redirect_https = true;
  read_section<Frontend>(reader, node, "redirect of frontend '" + frontend.name + "'", kRedirectKeys,
                         frontend);
}

void read_forwarded(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  reader.word<ForwardedFields>(node, key, {{"set", ForwardedFields::kSet}, {"off", ForwardedFields::kOff}},
                               frontend.forwarded);
}

/// Addresses or CIDR blocks.
template <auto kMember>
void blocks_of(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  read_blocks(reader, node, key, frontend.*kMember);
}

void read_mode(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  reader.word<Mode>(node, key, {{"http", Mode::kHttp}, {"tcp", Mode::kTcp}}, frontend.mode);
}

void read_connect(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  reader.word<Connect>(node, key, {{"refused", Connect::kRefused}, {"allowed", Connect::kAllowed}},
                       frontend.connect);
}

void read_h2c(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  reader.word<H2c>(node, key, {{"refused", H2c::kRefused}, {"allowed", H2c::kAllowed}}, frontend.h2c);
}

void read_frontend_access_log(ValueReader& reader, const YamlNode& node, const char* key,
                              Frontend& frontend) {
  frontend.access_logs = read_access_logs(reader, node, key);
}

void read_cause_header(ValueReader& reader, const YamlNode& node, const char* key, Frontend& frontend) {
  std::string name;
  reader.token(node, key, name);
  if (http::field_name(name) != http::FieldName::kOther) {
    reader.error(node.place, std::string(key) + " is '" + name +
                                 "', a field with a meaning of its own; accepted: another name, such as "
                                 "X-Reseal-Cause");
  } else if (!name.empty()) {
    frontend.cause_header = name;
  }
}

constexpr Key<Frontend> kFrontendKeys[] = {
    {"bind", read_binds, "(required)", "[\"*:443\", \"[::]:443\"]"},
    {"mode", read_mode, "http", "tcp"},
    {"tls", read_tls, "(none)", "{ certificates: [certs/] }"},
    {"acl", read_acls, "(none)", "{ is_api: \"path_beg /api\", inside: \"src 10.0.0.0/8\" }"},
    {"rules", read_rules, "(none)", "[{ when: { path_prefix: /api }, use: web }]"},
    {"default", read_default, "(none)", "web"},
    {"redirect", read_https_redirect, "(none)", "https"},
    {"path", read_path_policy, "(below)", "{ encoded_slash: keep }"},
    {"underscore_fields", read_underscore_fields, "drop", "keep"},
    {"request_id", read_request_id, "(none)", "X-Request-Id"},
    {"error_pages", read_error_pages, "(none)", "{ 503: pages/503.html, 4xx: pages/4xx.html }"},
    {"max_body_size", read_max_body_size, "(any)", "10MiB"},
    {"forwarded", read_forwarded, "set", "off"},
    {"accept_proxy", blocks_of<&Frontend::accept_proxy>, "(none)", "[10.0.0.0/8]"},
    {"trusted_proxies", blocks_of<&Frontend::trusted_proxies>, "(none)", "[10.0.0.0/8, \"2001:db8::/32\"]"},
    {"h2c", read_h2c, "refused", "allowed"},
    {"connect", read_connect, "refused", "allowed"},
    {"timeouts", read_timeouts, "(below)", "{ keep_alive: 15s }"},
    {"limits", read_limits, "(below)", "{ head: 16KiB }"},
    {"access_log", read_frontend_access_log, "(the top level's)", "{ to: stdout, format: httplog }"},
    {"cause_header", read_cause_header, "(none)", "X-Reseal-Cause"},
};

}  // namespace

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
  bind = {parts->host, parts->port, node.place};
}

void read_tls_version(ValueReader& reader, const YamlNode& node, const char* key, TlsVersion& version) {
  reader.word<TlsVersion>(node, key, {{"1.2", TlsVersion::kTls12}, {"1.3", TlsVersion::kTls13}}, version);
}

void read_frontend(ValueReader& reader, const YamlNode& node, Frontend& frontend) {
  read_section<Frontend>(reader, node, "frontend '" + frontend.name + "'", kFrontendKeys, frontend);
  if (frontend.mode != Mode::kTcp || !frontend.tls) return;
  const YamlNode* tls = node.find("tls");
  if (tls->find("alpn") == nullptr) frontend.tls->alpn.clear();
}

void append_frontend_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Frontend>(all, prefix, kFrontendKeys);
  append_keys<ServerTls>(all, prefix + "tls.", kTlsKeys);
  append_rule_keys(all, prefix + "rules.");
  append_request_keys(all, prefix);
  append_keys<Timeouts>(all, prefix + "timeouts.", kTimeoutKeys);
  append_keys<Frontend>(all, prefix + "redirect.", kRedirectKeys);
  append_keys<Frontend>(all, prefix + "limits.", kLimitKeys);
}

}  // namespace reseal::config
