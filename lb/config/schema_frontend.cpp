#include "lb/base/text.h"
#include "lb/config/schema.h"
#include "lb/net/address.h"

namespace reseal::config {
namespace {

constexpr std::int64_t kMostFields = 1000;
constexpr std::uint64_t kLeastHead = 1024;
constexpr std::uint64_t kMostHead = 256 * 1024;

// ---- tls

void read_certificates(ValueReader& reader, const YamlNode& node, ServerTls& tls) {
  for (const YamlNode* text : reader.text_or_list(node, "certificates")) {
    std::string path;
    reader.path(*text, "certificates", path);
    if (path.empty()) continue;
    tls.certificates.push_back(path);
    tls.certificate_places.push_back(text->place);
  }
}

void read_alpn(ValueReader& reader, const YamlNode& node, ServerTls& tls) {
  tls.alpn.clear();
  for (const YamlNode* text : reader.text_or_list(node, "alpn")) {
    if (text->text == "http/1.1") {
      tls.alpn.push_back(text->text);
    } else if (text->text == "h2") {
      reader.error(text->place, "alpn: h2 is not available in this version; accepted: http/1.1");
    } else {
      reader.error(text->place, "alpn is '" + text->text + "'; accepted: http/1.1");
    }
  }
}

constexpr Key<ServerTls> kTlsKeys[] = {
    {"certificates", read_certificates},
    {"min_version", [](ValueReader& r, const YamlNode& n, ServerTls& t) { read_tls_version(r, n, "min_version", t.min_version); }},
    {"max_version", [](ValueReader& r, const YamlNode& n, ServerTls& t) { read_tls_version(r, n, "max_version", t.max_version); }},
    {"ciphers", [](ValueReader& r, const YamlNode& n, ServerTls& t) { r.text(n, "ciphers", t.ciphers); }},
    {"ciphersuites", [](ValueReader& r, const YamlNode& n, ServerTls& t) { r.text(n, "ciphersuites", t.ciphersuites); }},
    {"alpn", read_alpn},
    {"session_tickets", [](ValueReader& r, const YamlNode& n, ServerTls& t) { r.boolean(n, "session_tickets", t.session_tickets); }},
};

// ---- rules

constexpr Key<Condition> kWhenKeys[] = {
    {"host", [](ValueReader& r, const YamlNode& n, Condition& c) {
       r.text(n, "host", c.host);
       for (char& letter : c.host) letter = ascii_lower(letter);
     }},
    {"path", [](ValueReader& r, const YamlNode& n, Condition& c) { r.text(n, "path", c.path); }},
    {"path_prefix", [](ValueReader& r, const YamlNode& n, Condition& c) { r.text(n, "path_prefix", c.path_prefix); }},
    {"method", [](ValueReader& r, const YamlNode& n, Condition& c) { r.text(n, "method", c.method); }},
};

void read_when(ValueReader& reader, const YamlNode& node, Rule& rule) {
  if (node.is_scalar()) {
    reader.error(node.place, "when: conditions written as an expression are not available in this version; accepted: a "
                             "map of " + one_of(key_names<Condition>(kWhenKeys)));
    return;
  }
  rule.when.place = node.place;
  read_section<Condition>(reader, node, "when", kWhenKeys, rule.when);
  for (const std::string* path : {&rule.when.path, &rule.when.path_prefix}) {
    if (!path->empty() && path->front() != '/') reader.error(node.place, "a path begins with '/', not '" + *path + "'");
  }
}

constexpr Key<Rule> kRuleKeys[] = {
    {"when", read_when},
    {"use", [](ValueReader& r, const YamlNode& n, Rule& rule) {
       r.text(n, "use", rule.use);
       rule.use_place = n.place;
     }},
};

void read_rules(ValueReader& reader, const YamlNode& node, Frontend& frontend) {
  if (!node.is_sequence()) {
    reader.error(node.place, std::string("rules is ") + node.kind_text() + "; accepted: a list of { when: ..., use: ... }");
    return;
  }
  for (const auto& item : node.items) {
    Rule rule;
    rule.place = item->place;
    read_section<Rule>(reader, *item, "a rule", kRuleKeys, rule);
    if (item->is_map() && rule.use.empty()) reader.error(item->place, "the rule does not say which backend to use (use: NAME)");
    frontend.rules.push_back(std::move(rule));
  }
}

// ---- timeouts and limits

constexpr Key<Timeouts> kTimeoutKeys[] = {
    {"handshake", [](ValueReader& r, const YamlNode& n, Timeouts& t) { r.duration(n, "handshake", t.handshake); }},
    {"request_head", [](ValueReader& r, const YamlNode& n, Timeouts& t) { r.duration(n, "request_head", t.request_head); }},
    {"request_body", [](ValueReader& r, const YamlNode& n, Timeouts& t) { r.duration(n, "request_body", t.request_body); }},
    {"keep_alive", [](ValueReader& r, const YamlNode& n, Timeouts& t) { r.duration(n, "keep_alive", t.keep_alive); }},
    {"response_write", [](ValueReader& r, const YamlNode& n, Timeouts& t) { r.duration(n, "response_write", t.response_write); }},
};

constexpr Key<Frontend> kLimitKeys[] = {
    {"head", [](ValueReader& r, const YamlNode& n, Frontend& f) { r.size(n, "head", kLeastHead, kMostHead, f.max_head_bytes); }},
    {"fields", [](ValueReader& r, const YamlNode& n, Frontend& f) {
       int fields = static_cast<int>(f.max_fields);
       r.integer(n, "fields", 1, kMostFields, fields);
       f.max_fields = static_cast<std::uint32_t>(fields);
     }},
};

// ---- the frontend

void read_binds(ValueReader& reader, const YamlNode& node, Frontend& frontend) {
  for (const YamlNode* text : reader.text_or_list(node, "bind")) {
    Bind bind;
    read_bind(reader, *text, "bind", bind);
    if (!bind.host.empty()) frontend.binds.push_back(std::move(bind));
  }
}

void read_frontend_tls(ValueReader& reader, const YamlNode& node, Frontend& frontend) {
  ServerTls tls;
  tls.place = node.place;
  read_section<ServerTls>(reader, node, "tls of frontend '" + frontend.name + "'", kTlsKeys, tls);
  if (tls.min_version > tls.max_version) reader.error(node.place, "min_version is above max_version");
  frontend.tls = std::move(tls);
}

constexpr Key<Frontend> kFrontendKeys[] = {
    {"bind", read_binds},
    {"tls", read_frontend_tls},
    {"rules", read_rules},
    {"default", [](ValueReader& r, const YamlNode& n, Frontend& f) {
       r.text(n, "default", f.default_backend);
       f.default_place = n.place;
     }},
    {"redirect", [](ValueReader& r, const YamlNode& n, Frontend& f) {
       r.word<bool>(n, "redirect", {{"https", true}}, f.redirect_https);
     }},
    {"forwarded", [](ValueReader& r, const YamlNode& n, Frontend& f) {
       r.word<ForwardedFields>(n, "forwarded", {{"set", ForwardedFields::kSet}, {"off", ForwardedFields::kOff}}, f.forwarded);
     }},
    {"trusted_proxies", [](ValueReader& r, const YamlNode& n, Frontend& f) {
       for (const YamlNode* text : r.text_or_list(n, "trusted_proxies")) f.trusted_proxies.push_back(text->text);
     }},
    {"timeouts", [](ValueReader& r, const YamlNode& n, Frontend& f) {
       f.timeouts.place = n.place;
       read_section<Timeouts>(r, n, "timeouts of frontend '" + f.name + "'", kTimeoutKeys, f.timeouts);
     }},
    {"limits", [](ValueReader& r, const YamlNode& n, Frontend& f) {
       read_section<Frontend>(r, n, "limits of frontend '" + f.name + "'", kLimitKeys, f);
     }},
};

}  // namespace

void read_bind(ValueReader& reader, const YamlNode& node, const char* key, Bind& bind) {
  std::string text;
  reader.text(node, key, text);
  if (text.empty()) return;
  auto parts = net::split_host_port(text);
  if (!parts) {
    reader.error(node.place, std::string(key) + " is '" + text + "': " + parts.error() +
                                 "; accepted: *:443, 127.0.0.1:8443, [::1]:8443");
    return;
  }
  if (parts->host != "*" && !net::Address::parse(parts->host, 0)) {
    reader.error(node.place, std::string(key) + " is '" + text +
                                 "': not an IP address; write an address of this machine, or * for every one");
    return;
  }
  bind = {parts->host, parts->port, node.place};
}

void read_tls_version(ValueReader& reader, const YamlNode& node, const char* key, TlsVersion& version) {
  reader.word<TlsVersion>(node, key, {{"1.2", TlsVersion::kTls12}, {"1.3", TlsVersion::kTls13}}, version);
}

void read_frontend(ValueReader& reader, const YamlNode& node, Frontend& frontend) {
  read_section<Frontend>(reader, node, "frontend '" + frontend.name + "'", kFrontendKeys, frontend);
}

std::vector<std::string> frontend_keys() {
  std::vector<std::string> keys;
  append_keys<Frontend>(keys, "", kFrontendKeys);
  append_keys<ServerTls>(keys, "tls.", kTlsKeys);
  append_keys<Rule>(keys, "rules.", kRuleKeys);
  append_keys<Condition>(keys, "rules.when.", kWhenKeys);
  append_keys<Timeouts>(keys, "timeouts.", kTimeoutKeys);
  append_keys<Frontend>(keys, "limits.", kLimitKeys);
  return keys;
}

}  // namespace reseal::config
