// From the text of a haproxy.cfg to the model: what each keyword becomes, what is handed down, what is refused and what is
// merely told.
#include "lb/haproxy/translation.h"

#include <catch2/catch.hpp>

#include "tests/unit/haproxy/translation_test_support.h"

using namespace reseal;
using namespace reseal::haproxy;
using namespace reseal::haproxy::test;
using namespace std::chrono_literals;

TEST_CASE("a frontend, a backend and what defaults hand down") {
  const config::Configuration configuration = loaded(site("", ""));
  REQUIRE(configuration.frontends.size() == 1);
  const config::Frontend& frontend = configuration.frontends[0];
  CHECK(frontend.name == "web");
  CHECK(frontend.mode == config::Mode::kHttp);
  CHECK(frontend.binds.at(0).text() == "*:8080");
  CHECK(frontend.default_backend == "app");
  CHECK(frontend.timeouts.request_head == 30s);
  CHECK(frontend.timeouts.keep_alive == 30s);
  REQUIRE(configuration.backends.size() == 1);
  const config::Backend& backend = configuration.backends[0];
  REQUIRE(backend.servers.size() == 2);
  CHECK(backend.servers[1].host == "10.0.0.2");
  CHECK(backend.servers[1].port == 81);
  CHECK(backend.timeouts.connect == 5s);
  CHECK(backend.timeouts.response == 40s);
  CHECK(backend.queue.timeout == 5s);
  CHECK_FALSE(backend.check);
}

TEST_CASE(
    "what HAProxy does not do unless asked is off: checks, ejection, retries after an answer, forwarding "
    "fields") {
  const config::Configuration configuration = loaded(site("", ""));
  CHECK_FALSE(configuration.backends[0].passive.enabled);
  CHECK_FALSE(configuration.backends[0].outlier.enabled);
  CHECK(configuration.backends[0].retry.attempts == 3);
  CHECK_FALSE(configuration.backends[0].retry.empty_response);
  CHECK_FALSE(configuration.backends[0].retry.response_timeout);
  CHECK(configuration.frontends[0].forwarded == config::ForwardedFields::kOff);
  CHECK(configuration.admin.socket.empty());
}

TEST_CASE("each proxy keyword becomes what it means") {
  SECTION("balance") {
    CHECK(loaded(site("", " balance leastconn\n")).backends[0].balance.kind ==
          config::BalanceKind::kLeastConnections);
    CHECK(loaded(site("", " balance source\n")).backends[0].balance.kind == config::BalanceKind::kHashSource);
    CHECK(loaded(site("", " balance random\n")).backends[0].balance.kind ==
          config::BalanceKind::kRandomOfTwo);
    CHECK(loaded(site("", " balance hdr(X-User)\n")).backends[0].balance.header == "x-user");
  }
  SECTION("retries") {
    CHECK(loaded(site("", " retries 1\n")).backends[0].retry.attempts == 1);
  }
  SECTION("option forwardfor") {
    const config::Configuration both = loaded(
        site(" option forwardfor except 10.0.0.0/8 if-none\n", " option forwardfor header X-Client\n"));
    const config::AddressField& field = both.frontends[0].address_fields.source;
    CHECK(field.name == "X-Forwarded-For");
    CHECK((field.if_none && field.except == std::vector<std::string>{"10.0.0.0/8"}));
    CHECK(both.backends[0].address_fields.source.name == "X-Client");
    CHECK(both.frontends[0].forwarded == config::ForwardedFields::kOff);
    CHECK(loaded(site(" option originalto\n", "")).frontends[0].address_fields.destination.name ==
          "X-Original-To");
    CHECK(contains(problems_of(site(" option forwardfor except ten\n", "")), "9:27"));
    CHECK(contains(problems_of(site(" option forwardfor header a:b\n", "")), "no name of a field"));
    CHECK(contains(problems_of(site(" option originalto if-none\n", "")), "only supports optional"));
    CHECK(contains(problems_of(site(" option forwardfor\n no option forwardfor\n", "")),
                   "cannot be taken back"));
  }
  SECTION("redirect scheme https") {
    const auto rules =
        loaded(site(" redirect scheme https if !{ ssl_fc }\n redirect location /a%b code 301\n", ""))
            .frontends[0]
            .rule_lines.redirect;
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].words ==
          std::vector<std::string>{"redirect", "scheme", "https", "if", "!{", "ssl_fc", "}"});
    // Where to is no format, so a '%' is one.
    CHECK(rules[1].words[2] == "/a%%b");
  }
  SECTION("timeouts") {
    const auto frontend =
        loaded(site(" timeout http-request 3s\n timeout http-keep-alive 4s\n", "")).frontends[0];
    CHECK(frontend.timeouts.request_head == 3s);
    CHECK(frontend.timeouts.keep_alive == 4s);
    const auto backend = loaded(site("", " timeout tunnel 1h\n timeout queue 7s\n")).backends[0];
    CHECK(backend.timeouts.tunnel == 1h);
    CHECK(backend.queue.timeout == 7s);
  }
  SECTION("checks") {
    const auto backend =
        loaded(site("",
                    " option httpchk HEAD /up HTTP/1.1\\r\\nHost:\\ www\n timeout check 2s\n"
                    " http-check expect status 200-299,302\n default-server check inter 3s fall 4\n"))
            .backends[0];
    REQUIRE(backend.check);
    const auto& steps = backend.check->steps;
    REQUIRE(steps.size() == 3);
    const auto& request = std::get<config::CheckRequest>(steps[1].what);
    CHECK(request.method == "HEAD");
    CHECK(request.target == "/up");
    CHECK(request.host == "www");
    CHECK_FALSE(request.is_http10);
    CHECK(std::get<config::CheckExpect>(steps[2].what).statuses ==
          std::vector<std::pair<int, int>>{{200, 299}, {302, 302}});
    CHECK(backend.check->interval == 3s);
    CHECK(backend.check->timeout == 2s);
    CHECK(backend.check->fall == 4);
    CHECK(loaded(site("", " default-server check\n")).backends[0].check->kind == config::CheckKind::kTcp);
  }
}

TEST_CASE("server options, their own and those of default-server") {
  const config::Backend backend =
      loaded(
          "listen app\n mode tcp\n bind *:1\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n"
          " default-server weight 5 maxconn 10\n server a 10.0.0.1:1\n default-server weight 6\n"
          " server b 10.0.0.2:2 backup maxconn 20\n server c 10.0.0.3:3 disabled\n")
          .backends[0];
  REQUIRE(backend.servers.size() == 3);
  CHECK(backend.servers[2].maintenance);
  CHECK(backend.servers[0].weight == 5);
  CHECK(backend.servers[0].max_requests == 10);
  CHECK(backend.servers[1].weight == 6);
  CHECK(backend.servers[1].backup);
  CHECK(backend.servers[1].max_requests == 20);
}

TEST_CASE("relative paths start where reseal runs, and that may be said") {
  const std::string site =
      "\nlisten web\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n bind *:80\n server a "
      "10.0.0.1:80\n";
  loaded("global\n default-path current" + site);
  CHECK(contains(problems_of("global\n default-path config" + site),
                 "2:15 'default-path config' is not there yet"));
  CHECK(contains(problems_of("global\n default-path origin /etc" + site),
                 "'default-path origin' is not there yet"));
  CHECK(contains(problems_of("global\n default-path here" + site), "current is expected"));
  CHECK(contains(problems_of("global\n default-path current x" + site), "'x'"));
}

TEST_CASE("TLS on either side") {
  const std::string text =
      "global\n crt-base /etc/certs\n ca-base /etc/ca\n ssl-default-bind-options ssl-min-ver TLSv1.3\n"
      "listen web\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n"
      " bind *:443 ssl crt site.pem alpn h2,http/1.1\n"
      " server a 10.0.0.1:443 ssl verify required ca-file ca.pem crt lb.pem sni str(web.internal) alpn h2\n";
  const config::Configuration configuration = loaded(text);
  const config::Bind& bind = configuration.frontends[0].binds.at(0);
  REQUIRE(bind.tls == config::BindTls::kOwn);
  CHECK(bind.own_tls.certificates == std::vector<std::string>{"/etc/certs/site.pem"});
  CHECK(bind.own_tls.min_version == config::TlsVersion::kTls13);
  const config::Backend& backend = configuration.backends[0];
  REQUIRE(backend.tls);
  CHECK(backend.tls->ca == "/etc/ca/ca.pem");
  CHECK(backend.tls->certificate == "/etc/certs/lb.pem");
  CHECK(backend.tls->verify_host == "web.internal");
  CHECK(backend.tls->verify);
  CHECK(backend.protocol == config::Protocol::kH2);
  CHECK(backend.plaintext == config::Plaintext::kRefused);
}

TEST_CASE("what global says of TLS holds for binds and servers that say nothing else") {
  const std::string global =
      "global\n ssl-default-bind-options ssl-min-ver TLSv1.3\n ssl-default-server-options force-tlsv13\n"
      " ssl-default-server-ciphersuites TLS_AES_128_GCM_SHA256\n";
  const std::string listen =
      "listen web\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n bind *:443 ssl "
      "crt a.pem\n";
  const config::Configuration plain = loaded(global + listen + " server a 10.0.0.1:443 ssl\n");
  CHECK(plain.frontends[0].binds.at(0).own_tls.min_version == config::TlsVersion::kTls13);
  CHECK(plain.backends[0].tls->min_version == config::TlsVersion::kTls13);
  CHECK(plain.backends[0].tls->ciphersuites == "TLS_AES_128_GCM_SHA256");
  const config::Configuration own = loaded(global + listen +
                                           " default-server ssl ssl-min-ver TLSv1.2 ciphersuites "
                                           "TLS_AES_256_GCM_SHA384\n server a 10.0.0.1:443\n");
  CHECK(own.backends[0].tls->min_version == config::TlsVersion::kTls12);
  CHECK(own.backends[0].tls->ciphersuites == "TLS_AES_256_GCM_SHA384");
}

TEST_CASE("hops in plaintext and servers that are not verified load, and are told") {
  const std::string plain = site("", "");
  CHECK(loaded(plain).backends[0].plaintext == config::Plaintext::kAllowed);
  CHECK(contains(notices_of(plain), "9 the servers of 'app' get plaintext: add 'ssl verify required"));
  const std::string unverified = site("", " default-server ssl verify none\n");
  CHECK_FALSE(loaded(unverified).backends[0].tls->verify);
  CHECK(contains(notices_of(unverified), "are not verified ('verify none')"));
}

TEST_CASE("logs of global reach the frontends that say 'log global'") {
  const std::string global =
      "global\n log /dev/log local1\n log 10.0.0.9:5514 len 4096 local2 debug\n log stdout format raw "
      "daemon\n";
  const config::Configuration without = loaded(global + site("", ""));
  CHECK(without.frontends[0].access_logs->empty());
  const config::Configuration with = loaded(global + site(" log global\n option httplog\n", ""));
  const auto& logs = *with.frontends[0].access_logs;
  REQUIRE(logs.size() == 3);
  CHECK(logs[0].target == config::AccessLogTarget::kSyslogUnix);
  CHECK(logs[0].path == "/dev/log");
  CHECK(logs[0].facility == 17);
  CHECK(logs[0].haproxy_format);
  CHECK(logs[0].format.starts_with("%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B "));
  CHECK(logs[1].host == "10.0.0.9");
  CHECK(logs[1].port == 5514);
  CHECK(logs[2].target == config::AccessLogTarget::kStdout);
}

TEST_CASE("a log target without a host is this machine") {
  for (const char* target : {":514", "*:514", "0.0.0.0:514", "udp@:514"}) {
    INFO(target);
    const config::Configuration made =
        loaded("global\n log " + std::string(target) + " local0\n" + site(" log global\n", ""));
    const auto& logs = *made.frontends[0].access_logs;
    REQUIRE(logs.size() == 1);
    CHECK(logs[0].target == config::AccessLogTarget::kSyslogUdp);
    CHECK(logs[0].host == "127.0.0.1");
    CHECK(logs[0].port == 514);
  }
}

TEST_CASE("what is not there yet is an error with its place, not silence") {
  CHECK(problems_of(site("", " dispatch 10.0.0.1:80\n")) ==
        "10:2 'dispatch' is not there yet, and passing over it would change what is served\n");
  CHECK(contains(problems_of(site(" bind *:1 accept-netscaler-cip 1\n", "")),
                 "'accept-netscaler-cip' of 'bind' is not there"));
  CHECK(contains(problems_of(site("", " filter spoe engine x\n")),
                 "'filter spoe': reseal asks no SPOE agents"));
  CHECK(contains(problems_of(site("", " source 10.0.0.1 usesrc client\n")), "'usesrc' is not there"));
  CHECK(contains(problems_of(site("", " dispatch 10.0.0.1:80\n")), "'dispatch' is not there yet"));
  CHECK(contains(problems_of(site("", " option transparent\n")),
                 "'option transparent': reseal connects from its own addresses"));
  CHECK(contains(problems_of("peers p\n peer a 1.2.3.4:1\n" + site("", "")),
                 "'peers': reseal's stick tables are one process's"));
}

TEST_CASE("lines that end too early are told, wherever they do") {
  for (const char* line :
       {" log",         " acl",         " acl #x",  " use_backend", " http-request", " tcp-request",
        " errorfile",   " stick-table", " stick",   " cookie",      " option",       " balance",
        " server",      " bind",        " timeout", " log \"\"",    " acl x",        " monitor",
        " monitor-uri", " redirect",    " capture", " stats",       " errorfiles",   " compression"}) {
    INFO(line);
    CHECK_NOTHROW(translated(site(std::string(line) + "\n", "")));
    CHECK_NOTHROW(translated(site("", std::string(line) + "\n")));
    CHECK_NOTHROW(translated("defaults\n" + std::string(line) + "\n" + site("", "")));
    CHECK_NOTHROW(translated("global\n" + std::string(line) + "\n" + site("", "")));
  }
  CHECK(contains(problems_of(site(" acl\n", "")), "'acl' is followed by nothing"));
  CHECK(contains(problems_of(site(" log\n", "")), "'log' is followed by nothing"));
}

TEST_CASE("a rule leads to no backend of another mode") {
  CHECK(contains(problems_of(site(" use_backend raw if { path /x }\n", "") +
                             "backend raw\n mode tcp\n server r 10.0.0.9:1\n"),
                 "tries to use the tcp backend 'raw'"));
}

TEST_CASE("what only requests have is told where there are none") {
  const auto notices = notices_of(
      "listen web\n mode tcp\n bind *:1\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n"
      " http-send-name-header X-Name\n server a 10.0.0.1:1 redir http://b\n");
  CHECK(contains(notices, "the 'http-send-name-header' of 'web' has no effect: it needs mode http"));
  CHECK(contains(notices, "the 'redir' of server 'a' of 'web' has no effect: it needs mode http"));
}

TEST_CASE("no name of a server goes into a field that frames a message or belongs to one connection") {
  for (const char* name : {"Host", "Connection", "Content-Length", "Transfer-Encoding", "a:b"}) {
    const auto problems = problems_of(site("", " http-send-name-header " + std::string(name) + "\n"));
    CHECK(contains(problems, "cannot tell a server its name"));
  }
}

TEST_CASE("what HAProxy would not take is refused, with what was probably meant") {
  CHECK(contains(problems_of(site("", " blance leastconn\n")),
                 "10:2 unknown keyword 'blance' in a 'backend' section; did you mean 'balance'?"));
  CHECK(contains(problems_of(site("", " default-server chekc\n")),
                 "'server' knows no 'chekc'; did you mean 'check'?"));
  CHECK(contains(problems_of(site("", " timeout connect soon\n")), "10:18 'soon' is no time"));
  CHECK(contains(problems_of(site("", " timeout\n")), "'timeout' needs a word that says which"));
  CHECK(contains(problems_of(site("", " timeout check\n")),
                 "'check' is followed by nothing: a time such as 30s is expected"));
  CHECK(contains(problems_of(site(" mode htpp\n", "")), "mode 'htpp': http or tcp is expected"));
}

TEST_CASE("a warning does not keep the rest from being looked at") {
  const std::string text = site(" balance roundrobin\n", "");
  CHECK(translated(text).configuration);
  CHECK(contains(problems_of(site(" balance roundrobin\n default_backend nosuch\n", "")), "nosuch"));
}

TEST_CASE("an error counts however many warnings come before it") {
  std::string frontend;
  for (int i = 0; i < 1500; ++i) frontend += " balance roundrobin\n";
  CHECK_FALSE(translated(site(frontend + " default_backend nosuch\n", "")).configuration);
}

TEST_CASE("default_backend comes before the servers of a listen itself") {
  const config::Configuration configuration = loaded(
      "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n"
      "listen web\n bind *:1\n default_backend app\n server own 10.0.0.9:1\nbackend app\n server a "
      "10.0.0.1:1\n");
  CHECK(configuration.frontends[0].default_backend == "app");
}

TEST_CASE("a timeout of 0 is none, also where one was handed down") {
  const config::Frontend usual;
  CHECK(loaded(site(" timeout client 0\n", "")).frontends[0].timeouts.request_body ==
        usual.timeouts.request_body);
}

TEST_CASE("without option allbackups only the first backup serves") {
  const std::string servers = " server x 10.0.0.8:1 backup\n server y 10.0.0.9:1 backup\n";
  CHECK(loaded(site("", servers)).backends[0].servers.size() == 3);
  CHECK(contains(notices_of(site("", servers)), "backup server 'y' is left out"));
  CHECK(loaded(site("", " option allbackups\n" + servers)).backends[0].servers.size() == 4);
}

TEST_CASE("an own httpchk keeps nothing of the one that was handed down") {
  const std::string text =
      "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n"
      " option httpchk GET /default HTTP/1.1\\r\\nHost:\\ d\n"
      "listen web\n bind *:1\n option httpchk\n server a 10.0.0.1:1 check\n";
  const auto steps = loaded(text).backends[0].check->steps;
  const auto& request = std::get<config::CheckRequest>(steps.at(1).what);
  CHECK(request.method == "OPTIONS");
  CHECK(request.target == "/");
  CHECK(request.host.empty());
  CHECK(request.is_http10);
}

TEST_CASE("frontends and backends that differ in their mode, and servers of one name, are refused") {
  CHECK(contains(
      problems_of(site("", " mode tcp\n")),
      "http frontend 'web' tries to use incompatible tcp backend 'app' as its default backend (see 'mode')"));
  CHECK(contains(problems_of(site(" mode tcp\n", "")), "tcp frontend 'web' has http backend 'app'"));
  CHECK(contains(problems_of(site("", " server a 10.0.0.7:1\n")),
                 "there is a server 'a' in this backend already"));
}

TEST_CASE("the levels of a log target hold") {
  const std::string text =
      "global\n log 10.0.0.9 local0\n log 10.0.0.9 local1 notice\n log 10.0.0.9 local2 debug info\n" +
      site(" log global\n", "");
  const config::Configuration made = loaded(text);
  const auto& logs = *made.frontends[0].access_logs;
  REQUIRE(logs.size() == 3);
  CHECK(logs[0].delivery.least_severe == stats::LogLevel::kDebug);
  CHECK(logs[1].delivery.least_severe == stats::LogLevel::kNotice);
  CHECK(logs[2].delivery.most_severe == stats::LogLevel::kInformational);
  CHECK_FALSE(translated("global\n log 10.0.0.9 local0 loud\n" + site("", "")).configuration);
}

TEST_CASE("versions of TLS that leave none, and tickets that global forbids") {
  const std::string listen =
      "listen web\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n server a "
      "10.0.0.1:1\n";
  CHECK(contains(problems_of(listen + " bind *:1 ssl crt a.pem ssl-min-ver TLSv1.3 ssl-max-ver TLSv1.2\n"),
                 "no version of TLS is left"));
  const auto tls = loaded("global\n ssl-default-bind-options no-tls-tickets no-tlsv13\n" + listen +
                          " bind *:1 ssl crt a.pem\n")
                       .frontends[0]
                       .binds[0]
                       .own_tls;
  CHECK_FALSE(tls.session_tickets);
  CHECK(tls.max_version == config::TlsVersion::kTls12);
}

TEST_CASE("[::] takes IPv4 too unless it is told not to") {
  const auto binds = [](const std::string& options) {
    const config::Configuration configuration = loaded(
        "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n"
        "listen web\n bind [::]:8080" +
        options + "\n server a 10.0.0.1:1\n");
    std::string text;
    for (const config::Bind& bind : configuration.frontends[0].binds) text += bind.text() + " ";
    return text;
  };
  CHECK(binds("") == "[::]:8080 *:8080 ");
  CHECK(binds(" v4v6") == "[::]:8080 *:8080 ");
  CHECK(binds(" v6only") == "[::]:8080 ");
}

TEST_CASE("what stands behind a whole line is not passed over") {
  for (const char* line : {" mode http x", " default_backend app x", " timeout client 5s x", " log global x",
                           " maxconn 5 x", " option httplog foo", " option forwardfor if-none x"}) {
    INFO(line);
    CHECK_FALSE(translated(site(std::string(line) + "\n", "")).configuration);
  }
  for (const char* line : {" balance roundrobin x", " retries 3 x"}) {
    INFO(line);
    CHECK_FALSE(translated(site("", std::string(line) + "\n")).configuration);
  }
  CHECK_FALSE(translated("global\n nbthread 2 x\n" + site("", "")).configuration);
}

TEST_CASE("what is without effect is a notice, once, and no warning") {
  const std::string text =
      "global\n spread-checks 5\n tune.bufsize 32768\n" +
      site(" option dontlognull\n option http-no-delay\n", " max-keep-alive-queue 100\n");
  CHECK(translated(text).problems.empty());
  const std::string notices = notices_of(text);
  for (const char* name :
       {"'spread-checks'", "'tune.bufsize'", "'option http-no-delay'", "'max-keep-alive-queue'"}) {
    INFO(name);
    const std::size_t first = notices.find(name);
    CHECK(first != std::string::npos);
    CHECK(notices.find(name, first + 1) == std::string::npos);
  }
}

TEST_CASE("a listen without servers leads to its default_backend") {
  const config::Configuration configuration = loaded(
      "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n"
      "listen web\n bind *:1\n default_backend app\nbackend app\n server a 10.0.0.1:1\n");
  CHECK(configuration.backends.size() == 1);
  CHECK(configuration.frontends[0].default_backend == "app");
}
