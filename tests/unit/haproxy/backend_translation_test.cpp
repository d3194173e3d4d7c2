// What a haproxy.cfg says of a backend: cookies, balance, connections, compression.
#include <catch2/catch.hpp>

#include "tests/unit/haproxy/translation_test_support.h"

using namespace reseal;
using namespace reseal::haproxy::test;
using namespace std::chrono_literals;

TEST_CASE("a cookie that names servers by what their lines give them") {
  const auto cookie_of = [](const std::string& words) {
    const config::Configuration configuration = loaded(site("", " cookie " + words + "\n"));
    REQUIRE(configuration.backends[0].persistence);
    return *configuration.backends[0].persistence->server_cookie;
  };
  config::ServerCookie cookie = cookie_of(
      "SRV insert indirect nocache postonly preserve httponly secure domain .a domain b attr X=y attr Z "
      "maxidle 30m maxlife 8h");
  CHECK(cookie.name == "SRV");
  CHECK(cookie.mode == config::ServerCookieMode::kInsert);
  CHECK((cookie.indirect && cookie.nocache && cookie.postonly && cookie.preserve));
  CHECK(cookie.attributes == "; domain=.a; domain=b; HttpOnly; Secure; X=y; Z");
  CHECK(cookie.max_idle == 30min);
  CHECK(cookie.max_life == 8h);
  CHECK(cookie_of("SRV maxidle 90").max_idle == 90s);
  CHECK(cookie_of("SRV").mode == config::ServerCookieMode::kPassive);
  CHECK(cookie_of("SRV rewrite").mode == config::ServerCookieMode::kRewrite);
  CHECK(cookie_of("SRV prefix").mode == config::ServerCookieMode::kPrefix);
  const auto server =
      loaded(site("", " cookie S insert\n option persist\n server c 10.0.0.3:80 cookie three\n")).backends[0];
  CHECK(server.servers[0].cookie == "three");
  CHECK(server.servers[1].cookie.empty());
  CHECK(server.asks_down);
  CHECK(contains(problems_of(site("", " cookie S rewrite indirect\n")),
                 "'rewrite' and 'indirect' modes are incompatible"));
  CHECK(contains(problems_of(site("", " cookie S insert prefix\n")),
                 "'insert' and 'prefix' modes are incompatible"));
  CHECK(contains(problems_of(site("", " cookie S preserve\n")), "requires at least 'insert' or 'indirect'"));
  CHECK(contains(problems_of(site("", " cookie S insert attr a;b\n")), "neither ';' nor control"));
  CHECK(contains(problems_of(site("", " cookie S insrt\n")), "'cookie' supports"));
  CHECK(contains(notices_of("defaults\n timeout connect 5s\n timeout server 5s\nbackend a\n cookie S insert\n"
                            " server a 10.0.0.1:80 cookie a\n"),
                 "'cookie' has no effect in 'a'"));
}

TEST_CASE("balance, hash-type and ids") {
  using config::BalanceKind;
  const auto balance_of = [](const std::string& lines) {
    return loaded(site("", lines)).backends[0].balance;
  };
  CHECK(balance_of(" balance first\n").kind == BalanceKind::kFirst);
  CHECK(balance_of(" balance random(5)\n").draws == 5);
  config::Balance balance = balance_of(" balance uri len 10 depth 3 whole path-only\n");
  CHECK(balance.kind == BalanceKind::kHashUri);
  CHECK((balance.uri_length == 10 && balance.uri_depth == 3 && balance.uri_query && balance.uri_path_only));
  CHECK(balance.placement == config::HashPlacement::kMap);
  balance =
      balance_of(" balance url_param id check_post 64\n hash-type consistent\n hash-balance-factor 150\n");
  CHECK(balance.kind == BalanceKind::kHashParameter);
  CHECK(balance.parameter == "id");
  CHECK(balance.placement == config::HashPlacement::kRing);
  CHECK((balance.avalanche && balance.most_load == 150));
  balance = balance_of(" balance hdr(Host) use_domain_only\n hash-type map-based wt6 avalanche\n");
  CHECK((balance.header == "host" && balance.domain_only && balance.avalanche));
  CHECK(balance.function == config::HashFunction::kWt6);
  CHECK(balance_of(" balance roundrobin\n hash-type consistent\n").placement ==
        config::HashPlacement::kRendezvous);
  CHECK(contains(notices_of(site("", " balance url_param id check_post\n")), "check_post has no effect"));
  CHECK(contains(problems_of(site("", " balance uri deep 3\n")), "balance uri only accepts"));
  CHECK(contains(problems_of(site("", " balance random(0)\n")), "from 1 to 1000"));
  CHECK(loaded(site("", " balance rdp-cookie\n")).backends[0].rule_lines.balance_hash.at(0).words.at(0) ==
        "req.rdp_cookie(mstshash)");
  CHECK(loaded(site("", " balance rdp-cookie(x)\n persist rdp-cookie\n"))
            .backends[0]
            .rule_lines.persist.at(0)
            .words.at(1) == "rdp-cookie(msts)");
  CHECK(contains(problems_of(site("", " balance rdp-cookie()\n")), "missing cookie name"));
  CHECK(contains(problems_of(site("", " persist rdp-cookie(\n")), "requires an rdp cookie name"));
  CHECK(contains(problems_of(site("", " persist cookie\n")), "unknown persist method"));
  CHECK(contains(problems_of(site("", " balance sideways\n")), "unknown balance 'sideways'"));
  CHECK(contains(problems_of(site("", " hash-type map-based md5\n")), "only supports 'sdbm', 'djb2'"));
  CHECK(contains(problems_of(site("", " hash-balance-factor 90\n")), "0 or greater than 100"));
  const auto servers = loaded(site("", " server x 10.0.0.3:80 id 2\n")).backends[0].servers;
  CHECK((servers[0].id == 2 && servers[1].id == 3 && servers[2].id == 4));
}

TEST_CASE("connections: how many, how long they are kept, what is tried again") {
  config::Frontend frontend =
      loaded(site(" maxconn 500\n rate-limit sessions 20\n option httpclose\n option clitcpka\n", ""))
          .frontends[0];
  CHECK((frontend.connections.most == 500 && frontend.connections.most_a_second == 20));
  CHECK((frontend.connections.one_request && frontend.connections.server_closes));
  CHECK(frontend.connections.sends_probes);
  frontend = loaded(site(" option http-server-close\n", "")).frontends[0];
  CHECK((!frontend.connections.one_request && frontend.connections.server_closes));
  frontend = loaded(site(" option httpclose\n no option httpclose\n", "")).frontends[0];
  CHECK((!frontend.connections.one_request && !frontend.connections.server_closes));
  const auto backend_of = [](const std::string& lines) { return loaded(site("", lines)).backends[0]; };
  const config::Backend plain = backend_of("");
  CHECK((plain.retry.redispatch == 0 && plain.retry.connect_failure && plain.retry.stale_connection));
  CHECK_FALSE(plain.connections.one_request);
  config::Backend backend = backend_of(
      " option redispatch\n retry-on empty-response junk-response 404 503\n http-reuse never\n option "
      "srvtcpka\n"
      " option httpclose\n option http-pretend-keepalive\n");
  CHECK(backend.retry.redispatch == -1);
  CHECK((!backend.retry.connect_failure && backend.retry.empty_response && backend.retry.bad_response));
  CHECK(backend.retry.statuses == std::vector<int>{404, 503});
  CHECK((backend.retry.non_idempotent && backend.retry.try_timeout == 40s));
  CHECK((backend.pool_size == 0 && backend.connections.sends_probes));
  CHECK((backend.connections.one_request && backend.connections.pretends_keep_alive));
  CHECK(backend_of(" option redispatch 3\n").retry.redispatch == 3);
  CHECK(backend_of(" option redispatch -2\n").retry.redispatch == -2);
  backend = backend_of(" retry-on all-retryable-errors\n");
  CHECK((backend.retry.response_timeout && backend.retry.statuses == std::vector<int>{500, 502, 503, 504}));
  CHECK_FALSE(backend_of(" retry-on none\n").retry.connect_failure);
  CHECK(contains(problems_of(site("", " retry-on none 503\n")), "only usable alone"));
  CHECK(contains(problems_of(site("", " retry-on 200\n")), "unknown keyword '200'"));
  CHECK(contains(problems_of(site("", " http-reuse often\n")), "only supports 'never'"));
  CHECK(contains(problems_of(site(" rate-limit requests 3\n", "")), "only supports 'sessions'"));
}

TEST_CASE("compression and filters") {
  const auto compression =
      loaded(site(" compression algo gzip\n",
                  " compression algo identity deflate gzip\n compression type Text/HTML a/b\n"
                  " compression offload\n filter compression\n"));
  CHECK(compression.frontends[0].compression->types == std::vector<std::string>{"*/*"});
  CHECK(compression.frontends[0].compression->min_size == 0);
  const config::Compression& backend = *compression.backends[0].compression;
  CHECK(backend.algorithms == std::vector{config::CompressionAlgorithm::kGzip});
  CHECK(backend.types == std::vector<std::string>{"text/html", "a/b"});
  CHECK(backend.hides_accepted);
  CHECK_FALSE(loaded(site("", " compression algo identity\n")).backends[0].compression);
  CHECK_FALSE(loaded(site("", " compression type text/html\n")).backends[0].compression);
  CHECK(contains(problems_of(site("", " compression algo lzma\n")), "not a supported algorithm"));
  CHECK(contains(notices_of(site("", " compression algo raw-deflate\n")), "by gzip or not at all"));
  CHECK(contains(notices_of(site("", " filter trace\n")), "nothing is traced"));
  CHECK(contains(notices_of("cache c\n total-max-size 4\n" + site("", " filter cache c\n")),
                 "nothing is stored"));
}

TEST_CASE("rules about servers") {
  const config::Backend backend = loaded(site("",
                                              " use-server a if { path /a }\n ignore-persist if { path /x "
                                              "}\n force-persist unless { path /y }\n"
                                              " use-server %[req.hdr(x)]\n balance hash req.hdr(x)\n"))
                                      .backends[0];
  CHECK(backend.rule_lines.use_server.size() == 2);
  CHECK(backend.rule_lines.persist.at(0).words.front() == "ignore-persist");
  CHECK(backend.rule_lines.persist.at(1).words.front() == "force-persist");
  CHECK(backend.rule_lines.balance_hash.at(0).words == std::vector<std::string>{"req.hdr(x)"});
  CHECK(backend.balance.kind == config::BalanceKind::kHashExpression);
  CHECK(contains(problems_of(site("", " use-server nosuch if { path /a }\n")),
                 "unable to find server 'nosuch'"));
  CHECK(contains(problems_of(site("", " ignore-persist\n")), "a condition"));
  CHECK(contains(problems_of(site("", " balance hash\n")), "an expression"));
}
