#include "lb/base/text.h"
#include "lb/config/schema.h"
#include "lb/net/address.h"

namespace reseal::config {
namespace {

constexpr int kMostWeight = 1000;
constexpr int kMostRetries = 10;
constexpr int kMostPool = 65536;
constexpr int kMostStreak = 100;

// ---- tls

constexpr Key<ClientTls> kTlsKeys[] = {
    {"ca", [](ValueReader& r, const YamlNode& n, ClientTls& t) { r.path(n, "ca", t.ca); t.ca_place = n.place; }},
    {"certificate", [](ValueReader& r, const YamlNode& n, ClientTls& t) {
       r.path(n, "certificate", t.certificate);
       t.certificate_place = n.place;
     }},
    {"key", [](ValueReader& r, const YamlNode& n, ClientTls& t) { r.path(n, "key", t.key); t.key_place = n.place; }},
    {"verify", [](ValueReader& r, const YamlNode& n, ClientTls& t) {
       r.word<bool>(n, "verify", {{"full", true}, {"none", false}}, t.verify);
     }},
    {"verify_host", [](ValueReader& r, const YamlNode& n, ClientTls& t) { r.text(n, "verify_host", t.verify_host); }},
    {"sni", [](ValueReader& r, const YamlNode& n, ClientTls& t) { r.text(n, "sni", t.sni); }},
    {"min_version", [](ValueReader& r, const YamlNode& n, ClientTls& t) { read_tls_version(r, n, "min_version", t.min_version); }},
    {"max_version", [](ValueReader& r, const YamlNode& n, ClientTls& t) { read_tls_version(r, n, "max_version", t.max_version); }},
    {"ciphers", [](ValueReader& r, const YamlNode& n, ClientTls& t) { r.text(n, "ciphers", t.ciphers); }},
    {"ciphersuites", [](ValueReader& r, const YamlNode& n, ClientTls& t) { r.text(n, "ciphersuites", t.ciphersuites); }},
};

// ---- balance

constexpr const char* kBalanceHelp = "round_robin, least_connections, random_of_two, { hash: source } or { hash: { header: NAME } }";

void read_hash(ValueReader& reader, const YamlNode& node, Balance& balance) {
  if (node.is_scalar() && node.text == "source") {
    balance.kind = BalanceKind::kHashSource;
    return;
  }
  if (node.is_map() && node.entries.size() == 1 && node.entries[0].key == "header") {
    balance.kind = BalanceKind::kHashHeader;
    reader.text(*node.entries[0].value, "header", balance.header);
    for (char& letter : balance.header) letter = ascii_lower(letter);
    return;
  }
  reader.error(node.place, "hash is neither `source` nor `{ header: NAME }`");
}

constexpr Key<Balance> kBalanceKeys[] = {{"hash", read_hash}};

void read_balance(ValueReader& reader, const YamlNode& node, Backend& backend) {
  if (node.is_map()) {
    read_section<Balance>(reader, node, "balance (accepted: " + std::string(kBalanceHelp) + ")", kBalanceKeys, backend.balance);
    return;
  }
  reader.word<BalanceKind>(node, "balance",
                           {{"round_robin", BalanceKind::kRoundRobin},
                            {"least_connections", BalanceKind::kLeastConnections},
                            {"random_of_two", BalanceKind::kRandomOfTwo}},
                           backend.balance.kind);
}

// ---- check

void read_expected_status(ValueReader& reader, const YamlNode& node, Check& check) {
  check.expect_status.clear();
  for (const YamlNode* text : reader.text_or_list(node, "expect_status")) {
    const std::string_view range = text->text;
    const std::size_t dash = range.find('-');
    const auto low = parse_decimal(range.substr(0, dash));
    const auto high = dash == std::string_view::npos ? low : parse_decimal(range.substr(dash + 1));
    if (low && high && *low >= 100 && *low <= *high && *high <= 599) {
      check.expect_status.emplace_back(static_cast<int>(*low), static_cast<int>(*high));
    } else {
      reader.error(text->place, "expect_status is '" + text->text + "'; accepted: 200, 200-399, or a list of such");
    }
  }
}

void read_jitter(ValueReader& reader, const YamlNode& node, Check& check) {
  const bool percent = node.is_scalar() && node.text.ends_with('%');
  const auto number = percent ? parse_decimal(std::string_view(node.text).substr(0, node.text.size() - 1)) : std::nullopt;
  if (number && *number <= 50) {
    check.jitter_percent = static_cast<int>(*number);
  } else {
    reader.error(node.place, "jitter is not a share from 0% to 50%");
  }
}

constexpr Key<Check> kCheckKeys[] = {
    {"http", [](ValueReader& r, const YamlNode& n, Check& c) {
       c.kind = CheckKind::kHttp;
       r.text(n, "http", c.path);
       if (c.path.front() != '/') r.error(n.place, "http is '" + c.path + "'; accepted: a path such as /healthz");
     }},
    {"tcp", [](ValueReader& r, const YamlNode& n, Check& c) {
       bool on = true;
       r.boolean(n, "tcp", on);
       if (on) c.kind = CheckKind::kTcp;
     }},
    {"method", [](ValueReader& r, const YamlNode& n, Check& c) {
       r.word<std::string>(n, "method", {{"GET", "GET"}, {"HEAD", "HEAD"}, {"OPTIONS", "OPTIONS"}}, c.method);
     }},
    {"host", [](ValueReader& r, const YamlNode& n, Check& c) { r.text(n, "host", c.host); }},
    {"expect_status", read_expected_status},
    {"interval", [](ValueReader& r, const YamlNode& n, Check& c) { r.duration(n, "interval", c.interval); }},
    {"fast_interval", [](ValueReader& r, const YamlNode& n, Check& c) { r.duration(n, "fast_interval", c.fast_interval); }},
    {"down_interval", [](ValueReader& r, const YamlNode& n, Check& c) { r.duration(n, "down_interval", c.down_interval); }},
    {"timeout", [](ValueReader& r, const YamlNode& n, Check& c) { r.duration(n, "timeout", c.timeout); }},
    {"jitter", read_jitter},
    {"rise", [](ValueReader& r, const YamlNode& n, Check& c) { r.integer(n, "rise", 1, kMostStreak, c.rise); }},
    {"fall", [](ValueReader& r, const YamlNode& n, Check& c) { r.integer(n, "fall", 1, kMostStreak, c.fall); }},
    {"initial", [](ValueReader& r, const YamlNode& n, Check& c) {
       r.word<bool>(n, "initial", {{"up", true}, {"down", false}}, c.initially_up);
     }},
};

bool has_key(const YamlNode& node, const char* key) {
  for (const YamlNode::Entry& entry : node.entries) {
    if (entry.key == key) return true;
  }
  return false;
}

void read_check(ValueReader& reader, const YamlNode& node, Backend& backend) {
  Check check;
  check.place = node.place;
  if (node.is_scalar()) {
    enum class Short { kOff, kTcp, kHttp };
    Short kind = Short::kOff;
    reader.word<Short>(node, "check", {{"off", Short::kOff}, {"tcp", Short::kTcp}, {"http", Short::kHttp}}, kind);
    check.kind = kind == Short::kTcp ? CheckKind::kTcp : CheckKind::kHttp;
    if (kind != Short::kOff) backend.check = check;
    return;
  }
  read_section<Check>(reader, node, "check of backend '" + backend.name + "'", kCheckKeys, check);
  if (has_key(node, "http") && check.kind == CheckKind::kTcp) reader.error(node.place, "check is either http or tcp, not both");
  if (!has_key(node, "down_interval")) check.down_interval = check.interval;
  if (!has_key(node, "fast_interval")) check.fast_interval = std::min(check.fast_interval, check.interval);
  backend.check = check;
}

// ---- passive, timeouts

constexpr Key<Passive> kPassiveKeys[] = {
    {"connect_failures", [](ValueReader& r, const YamlNode& n, Passive& p) {
       r.integer(n, "connect_failures", 0, kMostStreak, p.connect_failures);
     }},
    {"server_errors", [](ValueReader& r, const YamlNode& n, Passive& p) {
       r.integer(n, "server_errors", 0, kMostStreak, p.server_errors);
     }},
    {"hold", [](ValueReader& r, const YamlNode& n, Passive& p) { r.duration(n, "hold", p.hold); }},
};

void read_passive(ValueReader& reader, const YamlNode& node, Backend& backend) {
  backend.passive.place = node.place;
  if (node.is_scalar()) {
    reader.word<bool>(node, "passive", {{"off", false}, {"on", true}}, backend.passive.enabled);
    return;
  }
  read_section<Passive>(reader, node, "passive of backend '" + backend.name + "'", kPassiveKeys, backend.passive);
}

constexpr Key<BackendTimeouts> kTimeoutKeys[] = {
    {"connect", [](ValueReader& r, const YamlNode& n, BackendTimeouts& t) { r.duration(n, "connect", t.connect); }},
    {"response", [](ValueReader& r, const YamlNode& n, BackendTimeouts& t) { r.duration(n, "response", t.response); }},
    {"idle", [](ValueReader& r, const YamlNode& n, BackendTimeouts& t) { r.duration(n, "idle", t.idle); }},
    {"pool_idle", [](ValueReader& r, const YamlNode& n, BackendTimeouts& t) { r.duration(n, "pool_idle", t.pool_idle); }},
};

// ---- servers

void read_server_address(ValueReader& reader, const YamlNode& node, Server& server) {
  std::string text;
  reader.text(node, "address", text);
  if (text.empty()) return;
  const auto parts = net::split_host_port(text);
  if (!parts || parts->host == "*" || parts->port == 0) {
    reader.error(node.place, "the address of server '" + server.name + "' is '" + text + "'" +
                                 (parts ? std::string() : ": " + parts.error()) +
                                 "; accepted: 10.0.0.11:8443, web1.internal:8443, [2001:db8::1]:8443");
    return;
  }
  server.host = parts->host;
  server.port = parts->port;
}

constexpr Key<Server> kServerKeys[] = {
    {"address", read_server_address},
    {"weight", [](ValueReader& r, const YamlNode& n, Server& s) { r.integer(n, "weight", 0, kMostWeight, s.weight); }},
    {"backup", [](ValueReader& r, const YamlNode& n, Server& s) { r.boolean(n, "backup", s.backup); }},
    {"verify_host", [](ValueReader& r, const YamlNode& n, Server& s) { r.text(n, "verify_host", s.verify_host); }},
};

void read_servers(ValueReader& reader, const YamlNode& node, Backend& backend) {
  if (!reader.is_map(node, "servers of backend '" + backend.name + "'")) return;
  for (const YamlNode::Entry& entry : node.entries) {
    Server server;
    server.name = entry.key;
    server.place = entry.key_place;
    if (entry.value->is_scalar()) {
      read_server_address(reader, *entry.value, server);
    } else {
      read_section<Server>(reader, *entry.value, "server '" + server.name + "'", kServerKeys, server);
      if (entry.value->is_map() && !has_key(*entry.value, "address")) {
        reader.error(entry.key_place, "server '" + server.name + "' has no address");
      }
    }
    backend.servers.push_back(std::move(server));
  }
}

// ---- the backend

constexpr Key<Backend> kBackendKeys[] = {
    {"balance", read_balance},
    {"tls", [](ValueReader& r, const YamlNode& n, Backend& b) {
       ClientTls tls;
       tls.place = n.place;
       read_section<ClientTls>(r, n, "tls of backend '" + b.name + "'", kTlsKeys, tls);
       if (tls.min_version > tls.max_version) r.error(n.place, "min_version is above max_version");
       b.tls = std::move(tls);
     }},
    {"plaintext", [](ValueReader& r, const YamlNode& n, Backend& b) {
       r.word<Plaintext>(n, "plaintext", {{"refused", Plaintext::kRefused}, {"allowed", Plaintext::kAllowed}}, b.plaintext);
     }},
    {"check", read_check},
    {"passive", read_passive},
    {"timeouts", [](ValueReader& r, const YamlNode& n, Backend& b) {
       b.timeouts.place = n.place;
       read_section<BackendTimeouts>(r, n, "timeouts of backend '" + b.name + "'", kTimeoutKeys, b.timeouts);
     }},
    {"retries", [](ValueReader& r, const YamlNode& n, Backend& b) { r.integer(n, "retries", 0, kMostRetries, b.retries); }},
    {"pool_size", [](ValueReader& r, const YamlNode& n, Backend& b) { r.integer(n, "pool_size", 0, kMostPool, b.pool_size); }},
    {"servers", read_servers},
};

}  // namespace

void read_backend(ValueReader& reader, const YamlNode& node, Backend& backend) {
  read_section<Backend>(reader, node, "backend '" + backend.name + "'", kBackendKeys, backend);
}

std::vector<std::string> backend_keys() {
  std::vector<std::string> keys;
  append_keys<Backend>(keys, "", kBackendKeys);
  append_keys<Balance>(keys, "balance.", kBalanceKeys);
  append_keys<ClientTls>(keys, "tls.", kTlsKeys);
  append_keys<Check>(keys, "check.", kCheckKeys);
  append_keys<Passive>(keys, "passive.", kPassiveKeys);
  append_keys<BackendTimeouts>(keys, "timeouts.", kTimeoutKeys);
  append_keys<Server>(keys, "servers.NAME.", kServerKeys);
  return keys;
}

}  // namespace reseal::config
