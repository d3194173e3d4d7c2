// Each mistake is told with its place, what was found and what is accepted; and all of them at once.
#include "tests/unit/config/config_test_support.h"

using namespace reseal::config;
using namespace reseal::config::testing;

namespace {

struct Mistake {
  std::string yaml;
  std::string where;  // "line:column"
  std::vector<std::string> words;
};

void check_mistakes(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    const LoadResult result = load(mistake.yaml);
    const std::string text = told(result);
    INFO(mistake.yaml.substr(0, 4000));
    INFO(text);
    CHECK_FALSE(result.configuration);
    CHECK(has("\n" + text, "\nf.yaml:" + mistake.where + ": error: "));
    for (const std::string& word : mistake.words) {
      INFO(word);
      CHECK(has(text, word));
    }
  }
}

}  // namespace

TEST_CASE("mistakes of the top level") {
  check_mistakes({
      {with("workers", "wrokers"),
       "1:1",
       {"unknown key 'wrokers' in the configuration; did you mean 'workers'?"}},
      {with("workers: 4", "workers: 0"),
       "1:10",
       {"workers is '0'; accepted: a number from 1 to 256, or auto"}},
      {with("workers: 4", "workers: [4]"), "1:10", {"workers is a list"}},
      {with("workers: 4", "workers:"), "1:1", {"workers is nothing"}},
      {with("drain: 5s", "drain: 5"),
       "2:8",
       {"drain is '5'; accepted: a time with its unit, such as 5s or 5ms"}},
      {with("drain: 5s", "drain: 0s"), "2:8", {"above 0"}},
      {with("drain: 5s", "drain: 577h"), "2:8", {"at most 24 days"}},
      {with("drain: 5s", "drain: 5d"), "2:8", {"500ms, 2s, 1m or 1h"}},
      {with("drain: 5s", "drain: 18446744073709551615h"), "2:8", {"drain is"}},
      {with("level: warn", "level: wran"), "4:15", {"level is 'wran'; did you mean 'warn'?"}},
      {with("127.0.0.1:9901", "0.0.0.0:9901"), "5:40", {"asks for no password", "http_public: allowed"}},
      {with("127.0.0.1:9901", "127.0.0.1:443"), "5:40", {}},
      {with("http: \"127.0.0.1:9901\"", "http_hosts: [a, \"b:80\"]"),
       "5:50",
       {"http_hosts has 'b:80'", "a host without port"}},
      {"workers: 1\n", "1:1", {"there is no frontend"}},
      {"just text", "1:1", {"the configuration is 'just text'; accepted: a map of its keys"}},
      {"", "1:1", {"the file is empty"}},
      {"# nothing\n", "1:1", {"the file is empty"}},
  });
}

TEST_CASE("mistakes in frontends") {
  const std::string when = "when: { host: \"*.Example.org\", path_prefix: /api, method: GET }";
  check_mistakes({
      {with("\"*:443\"", "\"*\""), "8:12", {"bind is '*': no port"}},
      {with("\"*:443\"", "web.example:443"), "8:12", {"not an IP address"}},
      {with("[\"*:443\", \"[::1]:8443\"]", "[]"),
       "8:11",
       {"bind is a list; accepted: a text or a list of texts"}},
      {with("[\"*:443\", \"[::1]:8443\"]", "[{}]"), "8:12", {"a bind without an address"}},
      {with("\"[::1]:8443\"", "\"0.0.0.0:443\""),
       "8:21",
       {"frontend 'web': 0.0.0.0:443 overlaps with *:443 of frontend 'web' (line 8, column 12)"}},
      {with("\"*:80\"", "\"127.0.0.1:443\""),
       "16:21",
       {"frontend 'redirect': 127.0.0.1:443 overlaps with *:443 of frontend 'web' (line 8, column 12)"}},
      {with("\"*:80\"", "\"[0:0:0:0:0:0:0:1]:8443\""), "16:21", {"overlaps with [::1]:8443"}},
      {with("127.0.0.1:9901", "127.0.0.1:80"), "5:40", {"admin.http: 127.0.0.1:80 overlaps with *:80"}},
      {with("certificates: [certs/], ", ""), "9:10", {"tls needs certificates"}},
      {with("\"1.3\"", "1.4"), "9:49", {"min_version is '1.4'", "(accepted: 1.2 or 1.3)"}},
      {with("min_version: \"1.3\"", "min_version: 1.3, max_version: 1.2"), "9:10", {"min_version is above"}},
      {with("alpn: http/1.1", "alpn: spdy"), "9:62", {"alpn is 'spdy' (accepted: h2 or http/1.1)"}},
      {with("session_tickets: false", "session_tickets: no"), "9:89", {"(accepted: true or false)"}},
      {with("*.Example.org", "a.example:8443"), "11:25", {"a host without port"}},
      {with("*.Example.org", "a.*.example"), "11:25", {"a host without port"}},
      {with("/api", "api"), "11:55", {"a path that begins with '/'"}},
      {with("/api", "\"/api?x=1\""), "11:55", {"compared without its query"}},
      {with("/api", "\"/a b\""), "11:55", {"without blanks"}},
      {with("method: GET", "method: \"GE T\""), "11:69", {"method is 'GE T'"}},
      {with("use: api", "use: apo"),
       "11:81",
       {"frontend 'web': there is no backend 'apo'; did you mean 'api'?"}},
      {with(", use: api", ""), "11:9", {"the rule does nothing; it needs at least one of use, deny, allow,"}},
      {with("- { when", "{ when"), "11:7", {"rules is a map; accepted: a list of"}},
      {with("default: web", "default: nobody"), "12:14", {"there is no backend 'nobody'\n"}},
      {with("10.0.0.0/8", "10.0.0.0/99"), "13:23", {"trusted_proxies has '10.0.0.0/99'"}},
      {with("head: 16KiB", "head: 16GB"), "15:21", {"such as 16KiB"}},
      {with("head: 16KiB", "head: 1023"), "15:21", {"a size from 1024 to 262144 bytes"}},
      {with("fields: 50", "fields: -1"), "15:36", {"fields is '-1'; accepted: a number from 1 to 1000"}},
      {with("redirect: https }", "redirect: http }"), "16:39", {"did you mean 'https'?"}},
      {with("redirect: https }", "redirect: https, tls: { certificates: x } }"), "16:3", {"a loop"}},
      {with(", redirect: https", ""), "16:3", {"leads nowhere"}},
      {with("bind: \"*:80\", ", ""), "16:3", {"listens nowhere"}},
      {with("redirect: {", "re/direct: {"), "16:3", {"a name is 1 to 64 letters"}},
      {with("redirect: {", std::string(65, 'a') + ": {"), "16:3", {"a name is 1 to 64 letters"}},
  });
}

TEST_CASE("mistakes in backends") {
  const std::string web1 = "web1: 10.0.0.11:8443";
  const std::string plain = "plaintext: refused # ";
  check_mistakes({
      {with("balance: least", "blance: least"),
       "19:5",
       {"unknown key 'blance' in backend 'web'; did you mean 'balance'? (accepted here: mode, balance, "
        "tls,"}},
      {with("least_connections", "least_conections"),
       "19:14",
       {"did you mean 'least_connections'?",
        "round_robin, least_connections, random_of_two, first, { hash: source }"}},
      {with("least_connections", "[]"), "19:14", {"balance is a list (accepted: round_robin"}},
      {with("least_connections", "{ hash: url }"),
       "19:22",
       {"hash is neither `source` nor `{ header: NAME }`"}},
      {with("least_connections", "{ hash: { haeder: x } }"), "19:24", {"did you mean 'header'?"}},
      {with("X-User", "\"X User\""), "30:32", {"header is 'X User'"}},
      {with("ca: ca.pem", "ca: {}"), "20:16", {"ca is a map; accepted: a text"}},
      {with("ca: ca.pem", "verify: off"), "20:20", {"verify is 'off' (accepted: full or none)"}},
      {with("certificate: /abs/lb.pem, ", ""), "20:29", {"tls has a key but no certificate"}},
      {with("sni: other.internal", "sni: a b"), "20:95", {"a host name or an address"}},
      {with("http: /healthz", "http: healthz"), "21:20", {"a path that begins with '/'"}},
      {with("http: /healthz", "tcp: true, http: /x"), "21:31", {"http is of an http check"}},
      {with("jitter: 20%", "jitter: 20"), "21:52", {"a share from 0% to 50%"}},
      {with("jitter: 20%", "jitter: 51%"), "21:52", {"a share from 0% to 50%"}},
      {with("300-302", "302-300"), "21:78", {"expect_status is '302-300'"}},
      {with("[200, 300-302]", "20x"), "21:72", {"expect_status is '20x'"}},
      {with("rise: 1", "rise: 0"), "21:94", {"rise is '0'; accepted: a number from 1 to 100"}},
      {with("interval: 1s", "interval: 1"), "21:40", {"such as 1s or 1ms"}},
      {with("{ connect_failures", "{ connect_failure"), "22:16", {"did you mean 'connect_failures'?"}},
      {with("{ connect_failures: 5, server_errors: 7, hold: 1m }", "false"),
       "22:14",
       {"(accepted: off or on)"}},
      {with("retries: 1", "retries: 101"), "24:14", {"a number from 0 to 100"}},
      {with("weight: 50", "weight: 1001"), "28:54", {"a number from 0 to 1000"}},
      {with("10.0.0.11:8443", "10.0.0.11"),
       "27:13",
       {"the address of server 'web1' is '10.0.0.11': no port"}},
      {with("10.0.0.11:8443", "10.0.0.11:0"), "27:13", {"accepted: 10.0.0.11:8443"}},
      {with("10.0.0.11:8443", std::string(254, 'a') + ":1"), "27:13", {"the address of server 'web1'"}},
      {with("10.0.0.11:8443", "\"[2001:db8:0::2]:8443\""),
       "28:7",
       {"server 'web2' has the address of server 'web1' (line 27, column 7)"}},
      {with("address: \"[2001:db8::2]:8443\", ", ""), "28:7", {"server 'web2' has no address"}},
      {with(web1, "web/1: 10.0.0.11:8443"), "27:7", {"server 'web/1': a name is"}},
      {with("{ api1: \"127.0.0.1:8080\" }", "{}"), "29:3", {"backend 'api' has no servers"}},
      {with("{ api1: \"127.0.0.1:8080\" }", "[\"127.0.0.1:8080\"]"),
       "31:14",
       {"servers of backend 'api' is a list"}},
      {with("tls: { ca: ca.pem", plain),
       "27:7",
       {"backend 'web', server 'web1': requests would cross the network to 10.0.0.11:8443 in plaintext; give "
        "the "
        "backend a `tls:` section, or spell out `plaintext: allowed`",
        "server 'web2': requests would cross the network to [2001:db8::2]:8443 in plaintext"}},
  });
}

TEST_CASE("all mistakes are told at once, in the order of the file, with the line and a caret") {
  const std::string expected =
      "f.yaml:1:10: error: workers is 'x'; accepted: a number from 1 to 256, or auto\n"
      "    workers: x\n"
      "             ^\n"
      "f.yaml:2:1: error: unknown key 'drian' in the configuration; did you mean 'drain'? (accepted here: "
      "workers, "
      "max_connections, drain, log, access_log, process, node, description, admin, runtime_api, "
      "stick_tables, variables, users, "
      "frontends, backends or resolvers)\n"
      "    drian: 1s\n"
      "    ^\n"
      "f.yaml:3:1: error: the key 'workers' is here twice; it stands in line 1, column 1 already\n"
      "    workers: 2\n"
      "    ^\n"
      "f.yaml:5:33: error: frontend 'web': there is no backend 'gone'\n"
      "      web: { bind: \"*:80\", default: gone }\n"
      "                                    ^\n";
  const std::string text =
      "workers: x\ndrian: 1s\nworkers: 2\nfrontends:\n  web: { bind: \"*:80\", default: gone }\n";
  std::string errors;
  for (const Problem& problem : load(text).problems) {
    if (problem.severity == Severity::kError) errors += render(problem);
  }
  CHECK(errors == expected);
}

TEST_CASE("places are right behind a byte order mark and with the line ends of other systems") {
  const std::string text =
      told(load("\xef\xbb\xbf"
                "workers: 1\r\ndrian: 1s\r\n"));
  CHECK(has(text, "f.yaml:2:1: error: unknown key 'drian'"));
  CHECK(has(text, "    drian: 1s\n    ^\n"));
  CHECK(has(told(load("\xef\xbb\xbfwrokers: 1\n")), "f.yaml:1:1: error: unknown key 'wrokers'"));
}

TEST_CASE("what a file says cannot forge a message or flood the screen") {
  const std::string forged = told(load("\"a\\nf.yaml: ok\\e[2J\": 1\n"));
  CHECK(has(forged, "unknown key 'a\\x0af.yaml: ok\\x1b[2J'"));
  CHECK(told(load(std::string(100'000, 'a') + ": 1\n")).size() < 1000);
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "k" + std::to_string(i) + ": 1\n";
  const LoadResult result = load(many);
  CHECK(result.problems.size() == 1001);
  CHECK(result.problems.back().message == "and 4001 errors and 0 warnings more");
  CHECK(result.problems.back().place.line == 1000);
  CHECK_FALSE(result.configuration);
}

TEST_CASE("errors left out for a thousand warnings are errors still") {
  std::string servers;
  for (int i = 1; i <= 1200; ++i) {
    servers += "      s" + std::to_string(i) + ": 10.0.0.1:" + std::to_string(i) + "\n";
  }
  const std::string text =
      "frontends: { web: { bind: \"127.0.0.1:1\", default: web } }\nbackends:\n  web:\n    plaintext: "
      "allowed\n    servers:\n" +
      servers;
  CHECK(load(text).configuration);
  CHECK_FALSE(load(text + "  other: { servers: {} }\n").configuration);
}

TEST_CASE("a file that cannot be read is told by its name") {
  CHECK(has(told(load_file("/nowhere/reseal.yaml")),
            "/nowhere/reseal.yaml: error: cannot be read: No such file"));
  CHECK(has(told(load_file("/")), "/: error: is a folder"));
}

TEST_CASE("mistakes in compression and persistence") {
  const auto backend = [](const std::string& text) {
    return with("    retries: 1", "    retries: 1\n    " + text);
  };
  check_mistakes({
      {backend("compression: gzip"), "25:18", {"compression is 'gzip'", "off", "on"}},
      {backend("compression: { algorithms: [deflate] }"), "25:33", {"'deflate'", "br", "gzip"}},
      {backend("compression: { algorithms: [] }"), "25:32", {"a text or a list of texts"}},
      {backend("compression: { gzip_level: 10 }"), "25:32", {"1 to 9"}},
      {backend("compression: { brotli_quality: 6 }"), "25:36", {"0 to 5"}},
      {backend("compression: { min_size: 2KB }"), "25:30", {"16KiB"}},
      {backend("compression: { types: [html] }"), "25:28", {"'html'", "text/html"}},
      {backend("compression: { types: [text/] }"), "25:28", {"'text/'"}},
      {backend("compression: { types: [\"*/a\"] }"), "25:28", {"'*/a'"}},
      {backend("compression: { types: [\"text/h*\"] }"), "25:28", {"'text/h*'"}},
      {backend("compression: { types: [\"text/html; charset=utf-8\"] }"), "25:28", {"without parameters"}},
      {backend("compression: { level: 3 }"), "25:20", {"unknown key 'level'", "gzip_level"}},
      {backend("persistence: cookie"), "25:18", {"persistence is 'cookie'", "{ cookie: NAME }"}},
      {backend("persistence: {}"), "25:18", {"persistence has 0 keys", "source"}},
      {backend("persistence: { cookie: A, source: {} }"), "25:18", {"one of"}},
      {backend("persistence: { cookies: A }"), "25:20", {"did you mean 'cookie'?"}},
      {backend("persistence: { cookie: \"a b\" }"), "25:28", {"cookie is 'a b'"}},
      {backend("persistence: { cookie: { max_age: 1h } }"), "25:28", {"cookie has no name"}},
      {backend("persistence: { cookie: { name: A, max_age: 1500ms } }"), "25:48", {"whole seconds"}},
      {backend("persistence: { cookie: { name: A, same_site: no } }"), "25:50", {"lax", "strict", "none"}},
      {backend("persistence: { cookie: { name: A, same_site: none, secure: never } }"),
       "25:28",
       {"browsers", "secure: always"}},
      {backend("persistence: { cookie: { name: __Host-A, secure: never } }"), "25:28", {"__Host-A"}},
      {backend("persistence: { header: { idle: 1h } }"), "25:28", {"header has no name"}},
      {backend("persistence: { source: { clients: 0 } }"), "25:39", {"1 to 10000000"}},
  });
}
