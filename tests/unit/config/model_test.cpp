// A configuration becomes exactly its model, shorthands and defaults included.
#include "tests/unit/config/config_test_support.h"

using namespace reseal::config;
using namespace reseal::config::testing;
using namespace std::chrono_literals;

TEST_CASE("top level and admin are read, paths from the file's folder") {
  const LoadResult result = load(kGood);
  INFO(told(result));
  REQUIRE(result.configuration);
  CHECK(result.problems.empty());
  const Configuration& c = *result.configuration;
  CHECK(c.file == "f.yaml");
  CHECK(c.workers == 4);
  CHECK(c.drain == 5s);
  CHECK(c.max_connections == 1000);
  CHECK(c.log_level == reseal::Log::Level::kWarn);
  CHECK(c.admin.socket == "/etc/reseal/run/admin.sock");
  REQUIRE(c.admin.http);
  CHECK(c.admin.http->text() == "127.0.0.1:9901");
  REQUIRE(c.frontends.size() == 2);
  CHECK(c.frontends[0].name == "web");
  CHECK(c.frontends[1].redirect_https);
  REQUIRE(c.backends.size() == 2);
  CHECK(c.backends[1].name == "api");
}

TEST_CASE("a frontend is read") {
  const LoadResult result = load(kGood);
  REQUIRE(result.configuration);
  const Frontend& web = result.configuration->frontends[0];
  CHECK(web.place == Place{7, 3});
  REQUIRE(web.binds.size() == 2);
  CHECK(web.binds[0].text() == "*:443");
  CHECK(web.binds[1] == Bind{"::1", 8443, {8, 21}});
  ServerTls tls;
  tls.certificates = {"/etc/reseal/certs/"};
  tls.certificate_places = {{9, 27}};
  tls.min_version = TlsVersion::kTls13;
  tls.alpn = {"http/1.1"};
  tls.session_tickets = false;
  tls.place = {9, 10};
  CHECK(web.tls == tls);
  REQUIRE(web.rules.size() == 1);
  Rule rule;
  rule.when.all.hosts = {"*.example.org"};
  rule.when.all.path_prefixes = {"/api"};
  rule.when.all.methods = {"GET"};
  rule.when.place = {11, 17};
  rule.use = "api";
  rule.place = {11, 9};
  rule.use_place = {11, 81};
  CHECK(web.rules[0] == rule);
  CHECK(web.default_backend == "web");
  CHECK(web.default_place == Place{12, 14});
  CHECK(web.trusted_proxies == std::vector<std::string>{"10.0.0.0/8"});
  CHECK(web.timeouts == Timeouts{1s, 2s, 3s, 4s, 5s, {14, 15}});
  CHECK(web.max_head_bytes == 16 * 1024);
  CHECK(web.max_fields == 50);
}

TEST_CASE("a backend is read") {
  const LoadResult result = load(kGood);
  REQUIRE(result.configuration);
  const Backend& web = result.configuration->backends[0];
  CHECK(web.balance == Balance{BalanceKind::kLeastConnections, ""});
  REQUIRE(web.tls);
  CHECK(web.tls->ca == "/etc/reseal/ca.pem");
  CHECK(web.tls->ca_place == Place{20, 16});
  CHECK(web.tls->certificate == "/abs/lb.pem");
  CHECK(web.tls->key == "/etc/reseal/lb.key");
  CHECK(web.tls->verify_host == "web.internal");
  CHECK(web.tls->sni == "other.internal");
  CHECK(web.tls->verify);
  Check check;
  check.path = "/healthz";
  check.expect_status = {{200, 200}, {300, 302}};
  check.interval = 1s;
  check.down_interval = 1s;
  check.jitter_percent = 20;
  check.rise = 1;
  check.fall = 5;
  check.initially_up = false;
  check.place = {21, 12};
  CHECK(web.check == check);
  CHECK(web.passive == Passive{true, 5, 7, 1min, Suspicion::kDown, {22, 14}});
  CHECK(web.timeouts == BackendTimeouts{100ms, 1h, 2s, 1h, 60s, 1s, {23, 15}});
  CHECK(web.retry.attempts == 1);
  CHECK(web.pool_size == 3);
  REQUIRE(web.servers.size() == 2);
  CHECK(web.servers[0] ==
        Server{"web1", "10.0.0.11", 8443, 100, false, 0, 0, "", {}, {}, {}, false, {}, {27, 7}});
  CHECK(web.servers[1] ==
        Server{"web2", "2001:db8::2", 8443, 50, true, 0, 0, "two.internal", {}, {}, {}, false, {}, {28, 7}});
}

TEST_CASE("balance has four forms") {
  struct Case {
    const char* yaml;
    Balance expected;
  };
  const Case cases[] = {
      {"round_robin", {BalanceKind::kRoundRobin, ""}},
      {"least_connections", {BalanceKind::kLeastConnections, ""}},
      {"random_of_two", {BalanceKind::kRandomOfTwo, ""}},
      {"{ hash: source }", {BalanceKind::kHashSource, ""}},
      {"{ hash: { header: X-User } }", {BalanceKind::kHashHeader, "x-user"}},
  };
  for (const Case& c : cases) {
    const LoadResult result = load(with("balance: least_connections", std::string("balance: ") + c.yaml));
    INFO(c.yaml << "\n" << told(result));
    REQUIRE(result.configuration);
    CHECK(result.configuration->backends[0].balance == c.expected);
  }
}

TEST_CASE("a check is a map, a word, or none") {
  struct Case {
    const char* yaml;
    bool present;
    CheckKind kind;
    std::chrono::milliseconds interval, fast, down;
  };
  const Case cases[] = {
      {"off", false, CheckKind::kHttp, 0s, 0s, 0s},
      {"http", true, CheckKind::kHttp, 2s, 500ms, 2s},
      {"tcp", true, CheckKind::kTcp, 2s, 500ms, 2s},
      {"{ tcp: true, interval: 3s }", true, CheckKind::kTcp, 3s, 500ms, 3s},
      {"{ interval: 200ms }", true, CheckKind::kHttp, 200ms, 200ms, 200ms},
      {"{ interval: 4s, down_interval: 9s, fast_interval: 5s, tcp: false }", true, CheckKind::kHttp, 4s, 5s,
       9s},
  };
  for (const Case& c : cases) {
    const LoadResult result =
        load(with("check: { http: /healthz, interval: 1s, jitter: 20%, expect_status: [200, "
                  "300-302], rise: 1, fall: 5, initial: down }",
                  std::string("check: ") + c.yaml));
    INFO(c.yaml << "\n" << told(result));
    REQUIRE(result.configuration);
    const auto& check = result.configuration->backends[0].check;
    REQUIRE(check.has_value() == c.present);
    if (!check) continue;
    CHECK(check->kind == c.kind);
    CHECK(check->interval == c.interval);
    CHECK(check->fast_interval == c.fast);
    CHECK(check->down_interval == c.down);
  }
}

TEST_CASE("passive health can be turned off, and lists may be single texts") {
  const LoadResult off = load(with("{ connect_failures: 5, server_errors: 7, hold: 1m }", "off"));
  REQUIRE(off.configuration);
  CHECK_FALSE(off.configuration->backends[0].passive.enabled);
  const LoadResult single = load(with("[certs/]", "one.pem"));
  REQUIRE(single.configuration);
  CHECK(single.configuration->frontends[0].tls->certificates ==
        std::vector<std::string>{"/etc/reseal/one.pem"});
}

TEST_CASE("sizes and times are read in their units") {
  struct Case {
    const char* size;
    std::uint32_t bytes;
    const char* time;
    reseal::Duration duration;
  };
  const Case cases[] = {{"2048", 2048, "1ms", 1ms},
                        {"2048B", 2048, "90s", 90s},
                        {"16k", 16384, "5m", 5min},
                        {"256KiB", 262144, "576h", 576h}};
  for (const Case& c : cases) {
    std::string text = with("head: 16KiB", std::string("head: ") + c.size);
    text.replace(text.find("drain: 5s"), 9, std::string("drain: ") + c.time);
    const LoadResult result = load(text);
    INFO(c.size << " " << c.time << "\n" << told(result));
    REQUIRE(result.configuration);
    CHECK(result.configuration->frontends[0].max_head_bytes == c.bytes);
    CHECK(result.configuration->drain == c.duration);
  }
}

TEST_CASE("compression is off, on with defaults, or as its keys say") {
  const auto compression = [](const std::string& text) {
    const LoadResult result = load(with("    retries: 1", "    retries: 1\n    compression: " + text));
    INFO(told(result));
    REQUIRE(result.configuration);
    return result.configuration->backends[0].compression;
  };
  CHECK_FALSE(load(kGood).configuration->backends[0].compression);
  CHECK_FALSE(compression("off"));
  CHECK(compression("on") == Compression{});
  CHECK(compression("{}") == Compression{});
  CHECK(Compression{}.algorithms == std::vector{CompressionAlgorithm::kBrotli, CompressionAlgorithm::kGzip});
  Compression wanted;
  wanted.algorithms = {CompressionAlgorithm::kGzip};
  wanted.types = {"text/*", "application/json"};
  wanted.min_size = 4096;
  wanted.gzip_level = 9;
  wanted.brotli_quality = 0;
  CHECK(compression("{ algorithms: [gzip, gzip], types: [Text/*, application/JSON], min_size: 4KiB, "
                    "gzip_level: 9, brotli_quality: 0 }") == wanted);
}

TEST_CASE("persistence is read in its short and long forms") {
  const auto persistence = [](const std::string& text) {
    LoadResult result = load(with("    retries: 1", "    retries: 1\n    persistence: " + text));
    INFO(told(result));
    REQUIRE(result.configuration);
    auto read = result.configuration->backends[0].persistence;
    REQUIRE(read);
    read->place = {};
    if (read->cookie) read->cookie->key_file_place = {};
    return *read;
  };
  CHECK_FALSE(load(kGood).configuration->backends[0].persistence);
  Persistence by_cookie;
  by_cookie.cookie.emplace().name = "SRV";
  CHECK(persistence("{ cookie: SRV }") == by_cookie);
  CHECK(persistence("{ cookie: { name: SRV } }") == by_cookie);
  by_cookie.cookie = {"SRV", SameSite::kNone, CookieSecure::kAlways, 8h, "/etc/reseal/cookie.key", {}};
  CHECK(persistence("{ cookie: { name: SRV, same_site: none, secure: always, max_age: 8h, key_file: "
                    "cookie.key } }") == by_cookie);
  Persistence by_source;
  by_source.table.emplace();
  CHECK(persistence("source") == by_source);
  CHECK(persistence("{ source: {} }") == by_source);
  by_source.table = {"", 1h, 5};
  CHECK(persistence("{ source: { idle: 1h, clients: 5 } }") == by_source);
  Persistence by_header;
  by_header.table = {"x-user", 30min, 100'000};
  CHECK(persistence("{ header: X-User }") == by_header);
  CHECK(persistence("{ header: { name: X-User } }") == by_header);
}
