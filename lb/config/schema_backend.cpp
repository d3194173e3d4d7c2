#include "lb/base/text.h"
#include "lb/config/schema.h"
#include "lb/net/address.h"

namespace reseal::config {
namespace {

constexpr int kMostWeight = 1000;
constexpr int kMostInUse = 1'000'000;
constexpr int kMostPool = 65536;
constexpr int kMostPassiveStreak = 100;
constexpr std::size_t kLongestHost = 253;  // RFC 1035 2.3.4

// ---- tls

template <auto kMember, auto kPlace>
void file_of(ValueReader& reader, const YamlNode& node, const char* key, ClientTls& tls) {
  reader.path(node, key, tls.*kMember);
  tls.*kPlace = node.place;
}

template <auto kMember>
void path_of(ValueReader& reader, const YamlNode& node, const char* key, ClientTls& tls) {
  reader.path(node, key, tls.*kMember);
}

template <auto kMember>
void host_of(ValueReader& reader, const YamlNode& node, const char* key, ClientTls& tls) {
  reader.visible(node, key, "a host name or an address", tls.*kMember);
}

void read_verify(ValueReader& reader, const YamlNode& node, const char* key, ClientTls& tls) {
  reader.word<bool>(node, key, {{"full", true}, {"none", false}}, tls.verify);
}

constexpr Key<ClientTls> kTlsKeys[] = {
    {"ca", file_of<&ClientTls::ca, &ClientTls::ca_place>, "(the system's store)", "pki/ca.pem"},
    {"revoked", path_of<&ClientTls::revoked>, "(none)", "pki/revoked.pem"},
    {"certificate", file_of<&ClientTls::certificate, &ClientTls::certificate_place>, "(none)", "pki/lb.pem"},
    {"key", file_of<&ClientTls::key, &ClientTls::key_place>, "(in certificate)", "pki/lb.key"},
    {"verify", read_verify, "full", "none"},
    {"verify_host", host_of<&ClientTls::verify_host>, "(the server's host)", "web.internal"},
    {"sni", host_of<&ClientTls::sni>, "(verify_host)", "web.internal"},
    {"min_version", tls_version_of<&ClientTls::min_version>, "\"1.2\"", "\"1.3\""},
    {"max_version", tls_version_of<&ClientTls::max_version>, "\"1.3\"", "\"1.2\""},
    {"ciphers", text_of<&ClientTls::ciphers>, "(Mozilla intermediate)", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"ciphersuites", text_of<&ClientTls::ciphersuites>, "(Mozilla intermediate)", "TLS_AES_128_GCM_SHA256"},
};

void read_tls(ValueReader& reader, const YamlNode& node, const char*, Backend& backend) {
  backend.tls_passthrough = node.is_scalar() && node.text == "passthrough";
  if (backend.tls_passthrough) return;
  backend.tls = read_tls_section<ClientTls>(reader, node, "backend '" + backend.name + "'", kTlsKeys);
}

// ---- balance

constexpr const char* kBalanceHelp =
    "round_robin, least_connections, random_of_two, { hash: source } or { hash: { header: NAME } }";

void read_hash_header(ValueReader& reader, const YamlNode& node, const char* key, Balance& balance) {
  balance.kind = BalanceKind::kHashHeader;
  reader.token(node, key, balance.header);
  balance.header = lowered(balance.header);
}

constexpr Key<Balance> kHashKeys[] = {{"header", read_hash_header, "(none)", "X-User"}};

void read_hash(ValueReader& reader, const YamlNode& node, const char* key, Balance& balance) {
  if (node.is_scalar() && node.text == "source") {
    balance.kind = BalanceKind::kHashSource;
  } else if (node.is_map() && node.entries.size() == 1) {
    read_section<Balance>(reader, node, key, kHashKeys, balance);
  } else {
    reader.error(node.place, "hash is neither `source` nor `{ header: NAME }`");
  }
}

constexpr Key<Balance> kBalanceKeys[] = {{"hash", read_hash, "(none)", "{ header: X-User }"}};

void read_balance(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  static const std::vector<std::pair<std::string, BalanceKind>> kWords = {
      {"round_robin", BalanceKind::kRoundRobin},
      {"least_connections", BalanceKind::kLeastConnections},
      {"random_of_two", BalanceKind::kRandomOfTwo}};
  if (node.is_map() && !node.entries.empty()) {
    read_section<Balance>(reader, node, "balance (which is " + std::string(kBalanceHelp) + ")", kBalanceKeys,
                          backend.balance);
    return;
  }
  std::vector<std::string> names;
  for (const auto& [name, kind] : kWords) {
    if (node.is_scalar() && node.text == name) {
      backend.balance.kind = kind;
      return;
    }
    names.push_back(name);
  }
  reader.error(node.place, std::string(key) + " is " + shown(node) +
                               (node.is_scalar() ? did_you_mean(node.text, names) : "") +
                               " (accepted: " + kBalanceHelp + ")");
}

// ---- passive, timeouts

constexpr Key<Passive> kPassiveKeys[] = {
    {"connect_failures", integer_of<&Passive::connect_failures, 0, kMostPassiveStreak>, "3", "5"},
    {"server_errors", integer_of<&Passive::server_errors, 0, kMostPassiveStreak>, "0", "10"},
    {"hold", duration_of<&Passive::hold>, "10s", "30s"},
};

void read_passive(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  backend.passive.place = node.place;
  if (node.is_map()) {
    read_section<Passive>(reader, node, "passive of backend '" + backend.name + "'", kPassiveKeys,
                          backend.passive);
  } else {
    reader.word<bool>(node, key, {{"off", false}, {"on", true}}, backend.passive.enabled);
  }
}

constexpr Key<BackendTimeouts> kTimeoutKeys[] = {
    {"connect", duration_of<&BackendTimeouts::connect>, "5s", "1s"},
    {"response", duration_of<&BackendTimeouts::response>, "60s", "5m"},
    {"idle", duration_of<&BackendTimeouts::idle>, "60s", "5m"},
    {"tunnel", duration_of<&BackendTimeouts::tunnel>, "1h", "10m"},
    {"tunnel_half_closed", duration_of<&BackendTimeouts::tunnel_half_closed>, "60s", "10s"},
    {"pool_idle", duration_of<&BackendTimeouts::pool_idle>, "4s", "30s"},
};

void read_timeouts(ValueReader& reader, const YamlNode& node, const char*, Backend& backend) {
  backend.timeouts.place = node.place;
  read_section<BackendTimeouts>(reader, node, "timeouts of backend '" + backend.name + "'", kTimeoutKeys,
                                backend.timeouts);
}

// ---- servers

void read_address(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  std::string text;
  reader.visible(node, key, "10.0.0.11:8443, web1.internal:8443, [2001:db8::1]:8443", text);
  if (text.empty()) return;
  const auto parts = net::split_host_port(text);
  if (!parts || parts->host == "*" || parts->port == 0 || parts->host.size() > kLongestHost) {
    reader.error(node.place, "the address of server '" + server.name + "' is '" + shortened(text) + "'" +
                                 (parts ? std::string() : ": " + parts.error()) +
                                 "; accepted: 10.0.0.11:8443, web1.internal:8443, [2001:db8::1]:8443");
    return;
  }
  server.host = parts->host;
  server.port = parts->port;
}

void read_server_verify_host(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.visible(node, key, "a host name or an address", server.verify_host);
}

template <auto kMember>
void option_of(ValueReader& reader, const YamlNode& node, const char* key, Server& server) {
  reader.boolean(node, key, server.options.*kMember);
}

constexpr Key<Server> kServerKeys[] = {
    {"address", read_address, "(required)", "\"10.0.0.11:8443\""},
    {"weight", integer_of<&Server::weight, 0, kMostWeight>, "100", "50"},
    {"backup", boolean_of<&Server::backup>, "false", "true"},
    {"max_requests", integer_of<&Server::max_requests, 0, kMostInUse>, "0", "100"},
    {"max_connections", integer_of<&Server::max_connections, 0, kMostInUse>, "0", "50"},
    {"verify_host", read_server_verify_host, "(the backend's)", "web1.internal"},
    {"maintenance", boolean_of<&Server::maintenance>, "false", "true"},
    {"resolvers", read_server_resolvers, "(none)", "internal"},
    {"resolve_prefer", read_server_family, "(ipv6)", "ipv4"},
    {"may_lack_address", option_of<&ServerOptions::may_lack_address>, "false", "true"},
    {"agent", read_server_agent, "(none)", "{ port: 9000 }"},
    {"end_sessions_when_down", option_of<&ServerOptions::ends_sessions_when_down>, "false", "true"},
    {"end_backup_sessions_when_up", option_of<&ServerOptions::ends_backup_sessions_when_up>, "false", "true"},
};

void read_servers(ValueReader& reader, const YamlNode& node, const char*, Backend& backend) {
  if (!reader.is_map(node, "servers of backend '" + backend.name + "'")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    Server server;
    server.name = shortened(entry.key);  // what is cut is too long for a name: validation says so
    server.place = entry.key_place;
    if (entry.value->is_scalar()) {
      read_address(reader, *entry.value, "address", server);
    } else {
      read_section<Server>(reader, *entry.value, "server '" + server.name + "'", kServerKeys, server);
      if (entry.value->is_map() && entry.value->find("address") == nullptr) {
        reader.error(entry.key_place, "server '" + server.name + "' has no address");
      }
    }
    backend.servers.push_back(std::move(server));
  }
}

// ---- the backend

void read_plaintext(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  reader.word<Plaintext>(node, key, {{"refused", Plaintext::kRefused}, {"allowed", Plaintext::kAllowed}},
                         backend.plaintext);
}

void read_protocol(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  reader.word<Protocol>(
      node, key,
      {{"http/1.1", Protocol::kHttp1}, {"h2", Protocol::kH2}, {"negotiated", Protocol::kNegotiated}},
      backend.protocol);
}

void read_send_proxy(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  reader.word<SendProxy>(node, key,
                         {{"off", SendProxy::kOff}, {"v1", SendProxy::kV1}, {"v2", SendProxy::kV2}},
                         backend.send_proxy);
}

void read_panic_threshold(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  reader.percent(node, key, 0, 100, "50%", backend.panic_threshold);
}

constexpr Key<Backend> kBackendKeys[] = {
    {"servers", read_servers, "(required)", "{ web1: \"10.0.0.11:8443\", web2: \"10.0.0.12:8443\" }"},
    {"balance", read_balance, "round_robin", "least_connections"},
    {"tls", read_tls, "(none)", "{ ca: pki/ca.pem, certificate: pki/lb.pem }"},
    {"plaintext", read_plaintext, "refused", "allowed"},
    {"protocol", read_protocol, "http/1.1", "h2"},
    {"send_proxy", read_send_proxy, "off", "v2"},
    {"check", read_check, "off", "{ http: /healthz, interval: 2s }"},
    {"passive", read_passive, "on", "off"},
    {"timeouts", read_timeouts, "(below)", "{ response: 5m }"},
    {"persistence", read_persistence, "(none)", "{ cookie: SRV }"},
    {"compression", read_compression, "off", "on"},
    {"retries", read_retries, "2", "0"},
    {"retry", read_retry, "(below)", "{ attempts: 1, on: [connect_failure, 503] }"},
    {"outlier", read_outlier, "on", "off"},
    {"max_requests", integer_of<&Backend::max_requests, 0, kMostInUse>, "0", "500"},
    {"max_connections", integer_of<&Backend::max_connections, 0, kMostInUse>, "0", "200"},
    {"queue", read_queue, "(below)", "{ timeout: 1s, length: 100 }"},
    {"slow_start", duration_of<&Backend::slow_start>, "(none)", "30s"},
    {"panic_threshold", read_panic_threshold, "0%", "50%"},
    {"pool_size", integer_of<&Backend::pool_size, 0, kMostPool>, "1024", "64"},
};

/// retries: N is the short form of retry: { attempts: N }.
void check_attempts(ValueReader& reader, const YamlNode& backend) {
  const YamlNode* retry = backend.find("retry");
  const YamlNode* retries = backend.find("retries");
  if (retry != nullptr && retries != nullptr && retry->find("attempts") != nullptr) {
    reader.error(retries->place, "retries and retry.attempts are the same; write one of them");
  }
}

}  // namespace

void read_backend(ValueReader& reader, const YamlNode& node, Backend& backend) {
  read_section<Backend>(reader, node, "backend '" + backend.name + "'", kBackendKeys, backend);
  check_attempts(reader, node);
}

void append_backend_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Backend>(all, prefix, kBackendKeys);
  append_keys<Balance>(all, prefix + "balance.", kBalanceKeys);
  append_keys<Balance>(all, prefix + "balance.hash.", kHashKeys);
  append_keys<ClientTls>(all, prefix + "tls.", kTlsKeys);
  append_check_keys(all, prefix + "check.");
  append_keys<Passive>(all, prefix + "passive.", kPassiveKeys);
  append_retry_keys(all, prefix);
  append_keys<BackendTimeouts>(all, prefix + "timeouts.", kTimeoutKeys);
  append_persistence_keys(all, prefix + "persistence.");
  append_compression_keys(all, prefix + "compression.");
  append_keys<Server>(all, prefix + "servers.NAME.", kServerKeys);
  append_agent_keys(all, prefix + "servers.NAME.agent.");
}

}  // namespace reseal::config
