#include <array>

#include "lb/base/text.h"
#include "lb/config/schema_backend.h"
#include "lb/config/schema_proxy_additions.h"

namespace reseal::config {
namespace {

constexpr int kMostInUse = 1'000'000;
constexpr int kMostPool = 65536;
constexpr int kMostPassiveStreak = 1000;
constexpr int kMostNumber = 0x7fffffff;

void read_tls(ValueReader& reader, const YamlNode& node, const char*, Backend& backend) {
  backend.tls_passthrough = node.is_scalar() && node.text == "passthrough";
  if (!backend.tls_passthrough) backend.tls = read_client_tls(reader, node, "backend '" + backend.name + "'");
}
void write_tls(SectionWriter& writer, const char* key, const Backend& backend, const Backend&) {
  if (backend.tls_passthrough) writer.text(key, "passthrough");
  if (backend.tls) write_client_tls(writer, key, *backend.tls);
}

// ---- passive, timeouts

constexpr std::array<std::pair<const char*, Suspicion>, 4> kSuspicions = {{
    {"down", Suspicion::kDown},
    {"check_soon", Suspicion::kCheckSoon},
    {"failed_check", Suspicion::kFailedCheck},
    {"last_chance", Suspicion::kLastChance},
}};

constexpr Key<Passive> kPassiveKeys[] = {
    boolean_key<&Passive::enabled>("enabled", "true", "false"),
    integer_key<&Passive::connect_failures, 0, kMostPassiveStreak>("connect_failures", "3", "5"),
    integer_key<&Passive::server_errors, 0, kMostPassiveStreak>("server_errors", "0", "10"),
    duration_key<&Passive::hold>("hold", "10s", "30s"),
    word_key<&Passive::then, kSuspicions>("then", "down", "check_soon"),
};

void read_backend_passive(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  read_passive(reader, node, key, "backend '" + backend.name + "'", backend.passive);
}
void write_backend_passive(SectionWriter& writer, const char* key, const Backend& backend,
                           const Backend& usual) {
  if (backend.passive != usual.passive) write_passive(writer, key, backend.passive);
}

constexpr Key<BackendTimeouts> kTimeoutKeys[] = {
    duration_key<&BackendTimeouts::connect>("connect", "5s", "1s"),
    duration_key<&BackendTimeouts::response>("response", "60s", "5m"),
    duration_key<&BackendTimeouts::idle>("idle", "60s", "5m"),
    duration_key<&BackendTimeouts::tunnel>("tunnel", "1h", "10m"),
    duration_key<&BackendTimeouts::tunnel_half_closed>("tunnel_half_closed", "60s", "10s"),
    duration_key<&BackendTimeouts::pool_idle>("pool_idle", "4s", "30s"),
};

void read_timeouts(ValueReader& reader, const YamlNode& node, const char*, Backend& backend) {
  backend.timeouts.place = node.place;
  read_section<BackendTimeouts>(reader, node, "timeouts of backend '" + backend.name + "'", kTimeoutKeys,
                                backend.timeouts);
}

void write_timeouts(SectionWriter& writer, const char* key, const Backend& backend, const Backend& usual) {
  write_inner<&Backend::timeouts, kTimeoutKeys>(writer, key, backend, usual);
}

// ---- the backend

constexpr std::array<std::pair<const char*, Plaintext>, 2> kPlaintext = {
    {{"refused", Plaintext::kRefused}, {"allowed", Plaintext::kAllowed}}};

void read_panic_threshold(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  reader.percent(node, key, 0, 100, "50%", backend.panic_threshold);
}

/// Of the two words only `tcp` binds it: otherwise it is as the frontends that lead there.
constexpr std::array<std::pair<const char*, bool>, 2> kModes = {{{"http", false}, {"tcp", true}}};

void read_backend_check(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  read_check(reader, node, key, "backend '" + backend.name + "'", backend.check);
}
void write_backend_check(SectionWriter& writer, const char* key, const Backend& backend, const Backend&) {
  if (backend.check) write_check(writer, key, *backend.check);
}

// ---- as frontends have them

void read_rule_lines(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  read_haproxy_rules(reader, node, key, backend.rule_lines, &backend.stick_rules);
}
void write_rule_lines(SectionWriter& writer, const char* key, const Backend& backend, const Backend&) {
  write_haproxy_rules(writer, key, backend.rule_lines, backend.stick_rules);
}
void read_pages(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  read_error_pages(reader, node, key, backend.error_pages);
}
void write_pages(SectionWriter& writer, const char* key, const Backend& backend, const Backend&) {
  write_error_pages(writer, key, backend.error_pages);
}
void read_fields(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  read_address_fields(reader, node, key, backend.address_fields);
}
void write_fields(SectionWriter& writer, const char* key, const Backend& backend, const Backend&) {
  write_address_fields(writer, key, backend.address_fields);
}
void read_backend_compression(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  read_compression(reader, node, key, backend.compression);
}
void write_backend_compression(SectionWriter& writer, const char* key, const Backend& backend,
                               const Backend&) {
  write_compression(writer, key, backend.compression);
}
void read_statistics(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  read_stats_page(reader, node, key, backend.stats_page);
}
void write_statistics(SectionWriter& writer, const char* key, const Backend& backend, const Backend&) {
  write_stats_page(writer, key, backend.stats_page);
}
void read_message_logs(ValueReader& reader, const YamlNode& node, const char* key, Backend& backend) {
  backend.message_logs = read_access_logs(reader, node, key);
}
void write_message_logs(SectionWriter& writer, const char* key, const Backend& backend, const Backend&) {
  if (!backend.message_logs.empty()) write_access_logs(writer, key, backend.message_logs);
}

constexpr Key<Backend> kBackendKeys[] = {
    word_key<&Backend::is_tcp, kModes>("mode", "http", "tcp"),
    {"balance", read_balance, "round_robin", "least_connections", write_balance},
    {"tls", read_tls, "(none)", "{ ca: pki/ca.pem, certificate: pki/lb.pem }", write_tls},
    word_key<&Backend::plaintext, kPlaintext>("plaintext", "refused", "allowed"),
    word_key<&Backend::protocol, kProtocolWords>("protocol", "http/1.1", "h2"),
    word_key<&Backend::send_proxy, kSendProxyWords>("send_proxy", "off", "v2"),
    optional_section_key<&Backend::proxy_additions, kProxyAdditionKeys>(
        "proxy_additions", "(of mode: tcp the name that clients ask for)", "{ tls: true, authority: true }"),
    {"check", read_backend_check, "off", "{ http: /healthz, interval: 2s }", write_backend_check},
    {"passive", read_backend_passive, "on", "off", write_backend_passive},
    {"timeouts", read_timeouts, "(below)", "{ response: 5m }", write_timeouts},
    {"persistence", read_persistence, "(none)", "{ cookie: SRV }", write_persistence},
    boolean_key<&Backend::asks_down>("persist_to_down", "false", "true"),
    {"haproxy_rules", read_rule_lines, "(none)", "['http-request set-header X-Backend web']",
     write_rule_lines},
    {"error_pages", read_pages, "(the frontend's)", "{ 503: pages/503.html }", write_pages},
    {"address_fields", read_fields, "(none)", "{ client: { name: X-Client-Ip } }", write_fields},
    {"connections", read_server_connections, "(below)", "{ tcp_keepalive: true }", write_server_connections},
    {"compression", read_backend_compression, "off", "on", write_backend_compression},
    {"retries", read_retries, "2", "0"},  // written as retry.attempts
    {"retry", read_retry, "(below)", "{ attempts: 1, on: [connect_failure, 503] }", write_retry},
    {"outlier", read_outlier, "on", "off", write_outlier},
    integer_key<&Backend::max_requests, 0, kMostInUse>("max_requests", "0", "500"),
    integer_key<&Backend::max_connections, 0, kMostInUse>("max_connections", "0", "200"),
    integer_key<&Backend::full_load, 0, kMostInUse>("full_load", "(a tenth of what its frontends may have)",
                                                    "1000"),
    {"queue", read_queue, "(below)", "{ timeout: 1s, length: 100 }", write_queue},
    duration_key<&Backend::slow_start>("slow_start", "(none)", "30s"),
    {"panic_threshold", read_panic_threshold, "0%", "50%", write_percent<&Backend::panic_threshold>},
    integer_key<&Backend::pool_size, 0, kMostPool>("pool_size", "1024", "64"),
    {"message_logs", read_message_logs, "off", "syslog:unix:/dev/log", write_message_logs},
    {"stats_page", read_statistics, "(none)", "{ uri: /stats }", write_statistics},
    integer_key<&Backend::number, 1, kMostNumber>("id", "(its place)", "7"),
    boolean_key<&Backend::is_listen>("listen", "false", "true"),
    boolean_key<&Backend::may_be_empty>("may_be_empty", "false", "true"),
    {"servers", read_servers, "(required)", "{ web1: \"10.0.0.11:8443\", web2: \"10.0.0.12:8443\" }",
     write_servers},
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

void write_backend(SectionWriter& writer, const Backend& backend) {
  write_section<Backend>(writer, kBackendKeys, backend, {});
}

void read_passive(ValueReader& reader, const YamlNode& node, const char* key, const std::string& owner,
                  Passive& passive) {
  passive.place = node.place;
  if (node.is_map()) {
    read_section<Passive>(reader, node, "passive of " + owner, kPassiveKeys, passive);
  } else {
    reader.word<bool>(node, key, {{"off", false}, {"on", true}}, passive.enabled);
  }
}

/// off and on where there is nothing else to say.
void write_passive(SectionWriter& writer, const char* key, const Passive& passive) {
  Passive usual;
  usual.enabled = passive.enabled;
  usual.place = passive.place;
  if (passive == usual) return writer.text(key, passive.enabled ? "on" : "off");
  writer.section(key,
                 [&](SectionWriter& inner) { write_section<Passive>(inner, kPassiveKeys, passive, {}); });
}

void append_passive_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Passive>(all, prefix, kPassiveKeys);
}

void append_backend_keys(std::vector<KeyReference>& all, const std::string& prefix) {
  append_keys<Backend>(all, prefix, kBackendKeys);
  append_balance_keys(all, prefix + "balance.");
  append_client_tls_keys(all, prefix + "tls.");
  append_check_keys(all, prefix + "check.");
  append_passive_keys(all, prefix + "passive.");
  append_retry_keys(all, prefix);
  append_keys<BackendTimeouts>(all, prefix + "timeouts.", kTimeoutKeys);
  append_persistence_keys(all, prefix + "persistence.");
  append_compression_keys(all, prefix + "compression.");
  append_server_connection_keys(all, prefix);
  append_keys<net::ProxyAdditions>(all, prefix + "proxy_additions.", kProxyAdditionKeys);
  append_server_keys(all, prefix + "servers.NAME.");
}

}  // namespace reseal::config
