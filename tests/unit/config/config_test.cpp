#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <sstream>

#include "lb/config/config_error.h"
#include "lb/config/did_you_mean.h"
#include "lb/config/schema.h"
#include "lb/config/yaml_tree.h"

using namespace reseal::config;
using namespace std::chrono_literals;

namespace {

const std::string kGood = R"(workers: 4
drain: 5s
max_connections: 1000
log: { level: warn }
admin: { socket: run/admin.sock, http: "127.0.0.1:9901" }
frontends:
  web:
    bind: ["*:443", "[::1]:8443"]
    tls: { certificates: [certs/], min_version: "1.3", alpn: http/1.1, session_tickets: false }
    rules:
      - { when: { host: "*.Example.org", path_prefix: /api, method: GET }, use: api }
    default: web
    trusted_proxies: [10.0.0.0/8]
    timeouts: { handshake: 1s, request_head: 2s, request_body: 3s, keep_alive: 4s, response_write: 5s }
    limits: { head: 16KiB, fields: 50 }
  redirect: { bind: "*:80", redirect: https }
backends:
  web:
    balance: least_connections
    tls: { ca: ca.pem, certificate: /abs/lb.pem, key: lb.key, verify_host: web.internal, sni: other.internal }
    check: { http: /healthz, interval: 1s, jitter: 20%, expect_status: [200, 300-302], rise: 1, fall: 5, initial: down }
    passive: { connect_failures: 5, server_errors: 7, hold: 1m }
    timeouts: { connect: 100ms, response: 1h, idle: 2s, pool_idle: 1s }
    retries: 1
    pool_size: 3
    servers:
      web1: 10.0.0.11:8443
      web2: { address: "[2001:db8::2]:8443", weight: 50, backup: true, verify_host: two.internal }
  api:
    balance: { hash: { header: X-User } }
    servers: { api1: "127.0.0.1:8080" }
)";

std::string all_of(const LoadResult& result) {
  std::string text;
  for (const Problem& problem : result.problems) text += render(problem);
  return text;
}

/// kGood with the first `from` replaced.
std::string with(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a configuration is read into its model, paths from the file's folder") {
  const LoadResult result = load_text(kGood, "good.yaml", "/etc/reseal");
  INFO(all_of(result));
  REQUIRE(result.configuration);
  const Configuration& c = *result.configuration;
  CHECK(c.workers == 4);
  CHECK(c.drain == 5s);
  CHECK(c.max_connections == 1000);
  CHECK(c.log_level == LogLevel::kWarn);
  CHECK(c.admin.socket == "/etc/reseal/run/admin.sock");
  CHECK(c.admin.http->text() == "127.0.0.1:9901");
  REQUIRE(c.frontends.size() == 2);
  const Frontend& web = c.frontends[0];
  CHECK(web.binds[1].text() == "[::1]:8443");
  CHECK(web.tls->certificates == std::vector<std::string>{"/etc/reseal/certs/"});
  CHECK(web.tls->min_version == TlsVersion::kTls13);
  CHECK_FALSE(web.tls->session_tickets);
  CHECK(web.rules[0].when.host == "*.example.org");
  CHECK(web.rules[0].use == "api");
  CHECK(web.timeouts.keep_alive == 4s);
  CHECK(web.max_head_bytes == 16 * 1024);
  CHECK(c.frontends[1].redirect_https);
  const Backend& backend = c.backends[0];
  CHECK(backend.balance.kind == BalanceKind::kLeastConnections);
  CHECK(backend.tls->certificate == "/abs/lb.pem");
  CHECK(backend.tls->key == "/etc/reseal/lb.key");
  CHECK(backend.check->down_interval == 1s);
  CHECK(backend.check->jitter_percent == 20);
  CHECK(backend.check->expect_status == std::vector<std::pair<int, int>>{{200, 200}, {300, 302}});
  CHECK_FALSE(backend.check->initially_up);
  CHECK(backend.passive.server_errors == 7);
  CHECK(backend.timeouts.connect == 100ms);
  CHECK(backend.servers[1].host == "2001:db8::2");
  CHECK(backend.servers[1].backup);
  CHECK(c.backends[1].balance.header == "x-user");
  CHECK(result.problems.empty());
}

TEST_CASE("each mistake is told by place, what was found and what is accepted") {
  struct Case {
    std::string yaml;
    const char* where;
    std::vector<const char*> words;
  };
  const std::vector<Case> cases = {
      {with("balance: least", "blance: least"), "f.yaml:19:5", {"unknown key 'blance'", "did you mean 'balance'?", "accepted here: balance, tls"}},
      {with("least_connections", "least_conections"), "f.yaml:19:14", {"did you mean 'least_connections'?", "round_robin"}},
      {with("use: api", "use: apo"), "f.yaml:11:", {"no backend 'apo'", "did you mean 'api'?"}},
      {with("default: web", "default: nobody"), "f.yaml:12:14", {"there is no backend 'nobody'"}},
      {with("drain: 5s", "drain: 5"), "f.yaml:2:8", {"drain is '5'", "5s or 5ms"}},
      {with("workers: 4", "workers: 0"), "f.yaml:1:10", {"a number from 1 to 256"}},
      {with("workers: 4", "workers: [4]"), "f.yaml:1:10", {"workers is a list"}},
      {with("127.0.0.1:9901", "0.0.0.0:9901"), "f.yaml:5:", {"asks for no password", "http_public: allowed"}},
      {with("\"*:443\"", "\"*\""), "f.yaml:8:", {"no port"}},
      {with("\"*:443\"", "web.example:443"), "f.yaml:8:", {"not an IP address"}},
      {with("alpn: http/1.1", "alpn: [h2]"), "f.yaml:9:", {"h2 is not available in this version"}},
      {with("when: { host: \"*.Example.org\", path_prefix: /api, method: GET }", "when: hdr(x) -m found"), "f.yaml:11:",
       {"written as an expression are not available", "host, path, path_prefix or method"}},
      {with("tls: { ca: ca.pem", "plaintext: refused #"), "f.yaml:27:7", {"cross the network to 10.0.0.11:8443 in plaintext", "spell out `plaintext: allowed`"}},
      {with("10.0.0.11:8443", "\"[2001:db8::2]:8443\""), "f.yaml:28:7", {"has the address of server 'web1'"}},
      {with("jitter: 20%", "jitter: 20"), "f.yaml:21:", {"jitter is not a share"}},
      {with("300-302", "302-300"), "f.yaml:21:", {"expect_status is '302-300'"}},
      {with("10.0.0.0/8", "10.0.0.0/99"), "f.yaml:7:3", {"trusted_proxies"}},
      {with("\"*:80\"", "\"*:443\""), "f.yaml:16:", {"overlaps with *:443 of frontend 'web' (line 8)"}},
      {with("redirect: {", "re/direct: {"), "f.yaml:16:3", {"a name is 1 to 64 letters"}},
      {with("head: 16KiB", "head: 16GB"), "f.yaml:15:", {"such as 16KiB"}},
      {kGood + "workers: 2\n", "f.yaml:32:1", {"'workers' is here twice", "line 1"}},
      {"frontends: [", "f.yaml:", {"not valid YAML"}},
      {"", "f.yaml:1:1", {"the file is empty"}},
      {"just text", "f.yaml:1:1", {"a map of its keys"}},
      {kGood + "---\nmore: 1\n", "f.yaml:", {"a second document"}},
      {std::string("workers: 1\n\0", 12), "f.yaml:2:1", {"NUL byte"}},
      {"workers: 1\n", "f.yaml:1:1", {"there is no frontend"}},
      {"frontends: { web: { default: web } }\nbackends: { web: { servers: {} } }\n", "f.yaml:1:14", {"listens nowhere", "has no servers"}},
      {"? [a]\n: b\n", "f.yaml:", {"a key must be a plain text"}},
  };
  for (const Case& c : cases) {
    const LoadResult result = load_text(c.yaml, "f.yaml", "/");
    const std::string text = all_of(result);
    INFO(c.yaml);
    INFO(text);
    CHECK_FALSE(result.configuration);
    CHECK(text.find(c.where) != std::string::npos);
    for (const char* word : c.words) CHECK(text.find(word) != std::string::npos);
  }
}

TEST_CASE("all mistakes are told at once, in the order of the file, with the line and a caret") {
  const LoadResult result = load_text("workers: x\ndrian: 1s\nfrontends:\n  web: { bind: \"*:80\", default: gone }\n", "f.yaml", "/");
  CHECK(all_of(result).find("f.yaml:1:10: error: workers is 'x'") == 0);
  const std::string text = all_of(result);
  CHECK(text.find("    workers: x\n             ^\n") != std::string::npos);
  CHECK(text.find("f.yaml:2:1: error: unknown key 'drian' in the configuration; did you mean 'drain'?") != std::string::npos);
  CHECK(text.find("there is no backend 'gone'") != std::string::npos);
}

TEST_CASE("aliases and merges work, explicit keys win") {
  const std::string yaml = R"(backends:
  a: &base
    retries: 1
    pool_size: 7
    servers: { s: "127.0.0.1:1" }
  b:
    <<: *base
    retries: 2
frontends: { web: { bind: "127.0.0.1:80", rules: [{ when: { path: / }, use: a }], default: b } }
)";
  const LoadResult result = load_text(yaml, "f.yaml", "/");
  INFO(all_of(result));
  REQUIRE(result.configuration);
  CHECK(result.configuration->backends[1].retries == 2);
  CHECK(result.configuration->backends[1].pool_size == 7);
  CHECK(result.configuration->backends[1].servers.size() == 1);
}

TEST_CASE("files made to exhaust memory or the stack are refused") {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  CHECK(all_of(load_text(bomb, "f.yaml", "/")).find("alias bomb") != std::string::npos);
  CHECK(all_of(load_text(std::string(9 * 1024 * 1024, 'a'), "f.yaml", "/")).find("larger than 8 MiB") != std::string::npos);
  for (const char* opener : {"[", "{a: ", "- ", "? "}) {
    std::string deep;
    for (int i = 0; i < 100000; ++i) deep += opener;
    INFO(opener);
    CHECK_FALSE(load_text(deep, "f.yaml", "/").configuration);
  }
}

TEST_CASE("plaintext that is spelled out is a warning that names the hop") {
  const LoadResult result = load_text(with("tls: { ca: ca.pem", "plaintext: allowed #"), "f.yaml", "/");
  INFO(all_of(result));
  REQUIRE(result.configuration);
  CHECK(all_of(result).find("warning: backend 'web', server 'web1': requests cross the network to 10.0.0.11:8443 in plaintext") != std::string::npos);
}

TEST_CASE("the reference describes every key") {
  std::ifstream file(RESEAL_SOURCE_DIR "/docs/configuration.md");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  REQUIRE_FALSE(text.empty());
  for (const std::string& key : all_keys()) {
    INFO(key);
    CHECK(text.find("`" + key + "`") != std::string::npos);
  }
}

TEST_CASE("every complete example in the reference loads") {
  std::ifstream file(RESEAL_SOURCE_DIR "/docs/configuration.md");
  std::istringstream lines(std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()));
  std::string block;
  bool inside = false;
  int examples = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line == "```yaml") {
      inside = true;
      block.clear();
    } else if (line == "```" && inside) {
      inside = false;
      const LoadResult result = load_text(block, "example", "/");
      INFO(block);
      INFO(all_of(result));
      CHECK(result.configuration);
      ++examples;
    } else if (inside) {
      block += line + "\n";
    }
  }
  CHECK(examples >= 1);
}

TEST_CASE("the nearest word is offered, and none when nothing is near") {
  CHECK(did_you_mean("serevrs", {"servers", "check"}) == "; did you mean 'servers'?");
  CHECK(did_you_mean("xyzzy", {"servers", "check"}).empty());
  CHECK(did_you_mean(std::string(1000, 'a'), {"servers"}).empty());
  CHECK(one_of({"a", "b", "c"}) == "a, b or c");
}
