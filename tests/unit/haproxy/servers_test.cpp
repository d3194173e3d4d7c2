// `server` lines: what differs within a backend, options of every kind, templates.
#include <catch2/catch.hpp>
#include <set>
#include <variant>

#include "lb/haproxy/keywords.h"
#include "lb/haproxy/server_option.h"
#include "lb/haproxy/translation.h"

using namespace reseal;
using namespace reseal::haproxy;
using namespace std::chrono_literals;

namespace {

Translated translated(const std::string& lines) {
  const std::string text =
      "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n"
      "listen app\n bind *:8080\n" +
      lines;
  return translate(read_text(text, "haproxy.cfg", Environment(), own_abilities("OpenSSL 3.0.0")));
}

config::Backend loaded(const std::string& lines) {
  Translated result = translated(lines);
  for (const config::Problem& problem : result.problems) UNSCOPED_INFO(config::render(problem));
  REQUIRE(result.configuration);
  return result.configuration->backends.at(0);
}

std::string problems_of(const std::string& lines) {
  const Translated result = translated(lines);
  CHECK_FALSE(result.configuration);
  std::string all;
  for (const config::Problem& problem : result.problems) all += problem.message + "\n";
  return all;
}

std::string notices_of(const std::string& lines) {
  std::string all;
  for (const Notice& notice : translated(lines).notices) all += notice.text + "\n";
  return all;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

const config::CheckConnect& first_connect(const config::Check& check) {
  if (check.kind == config::CheckKind::kTcp) return check.connect;
  return std::get<config::CheckConnect>(check.steps.at(0).what);
}

}  // namespace

TEST_CASE("servers of one backend may differ in their TLS, protocol and PROXY header") {
  const config::Backend backend = loaded(
      " server plain 10.0.0.1:80\n"
      " server tls 10.0.0.2:443 ssl verify required ca-file /a.pem sni str(b.internal) alpn h2\n"
      " server same 10.0.0.3:80\n server proxied 10.0.0.4:80 send-proxy-v2\n");
  CHECK_FALSE(backend.tls);
  CHECK_FALSE(backend.servers[0].hop);
  REQUIRE(backend.servers[1].hop);
  CHECK(backend.servers[1].hop->tls->ca == "/a.pem");
  CHECK(backend.servers[1].hop->tls->verify_host == "b.internal");
  CHECK(backend.servers[1].hop->protocol == config::Protocol::kH2);
  CHECK_FALSE(backend.servers[2].hop);
  CHECK(backend.servers[3].hop->send_proxy == config::SendProxy::kV2);
}

TEST_CASE("servers that are alike leave all to their backend") {
  const config::Backend backend =
      loaded(" default-server ssl verify none check\n server a 10.0.0.1:443\n server b 10.0.0.2:443\n");
  REQUIRE(backend.tls);
  REQUIRE(backend.check);
  for (const config::Server& server : backend.servers) {
    CHECK_FALSE(server.hop);
    CHECK_FALSE(server.own_check);
  }
}

TEST_CASE("checks are a server's own where its line says so") {
  const config::Backend backend = loaded(
      " server a 10.0.0.1:80 check inter 5s\n server b 10.0.0.2:80\n server c 10.0.0.3:80 check inter 5s\n"
      " server d 10.0.0.4:80 check inter 1s port 81 addr 10.0.0.5 check-ssl verify none check-sni "
      "x.internal\n");
  REQUIRE(backend.check);
  CHECK(backend.check->interval == 5s);
  REQUIRE(backend.servers[1].own_check);
  CHECK_FALSE(backend.servers[1].own_check->check);
  CHECK_FALSE(backend.servers[2].own_check);
  const config::OwnCheck& own = *backend.servers[3].own_check;
  CHECK(own.check->interval == 1s);
  CHECK(own.tls.has_value());
  CHECK(first_connect(*own.check).port == 81);
  CHECK(first_connect(*own.check).host == "10.0.0.5");
  CHECK(first_connect(*own.check).tls == true);
  CHECK(first_connect(*own.check).sni == "x.internal");
}

TEST_CASE("TLS and PROXY headers of traffic are not carried over to a check elsewhere") {
  const std::string options = " server a 10.0.0.1:443 ssl verify none send-proxy check ";
  const auto connect_of = [&](const char* more) {
    return first_connect(*loaded(options + more + "\n").check);
  };
  CHECK_FALSE(connect_of("").tls.has_value());
  CHECK_FALSE(connect_of("").send_proxy.has_value());
  CHECK(connect_of("port 80").tls == false);
  CHECK(connect_of("port 80").send_proxy == false);
  CHECK(connect_of("port 80 check-ssl").tls == true);
  CHECK(connect_of("port 80 check-send-proxy").send_proxy == true);
  CHECK(connect_of("no-check-ssl").tls == false);
}

TEST_CASE("a template makes servers that share a name's addresses between them") {
  const config::Backend backend =
      loaded(" server-template web 3 app.internal:8080 weight 7\n server-template x 2-3 10.0.0.1:1\n");
  REQUIRE(backend.servers.size() == 5);
  CHECK(backend.servers[0].name == "web1");
  CHECK(backend.servers[2].name == "web3");
  CHECK(backend.servers[2].options.address_index == 2);
  CHECK(backend.servers[2].weight == 7);
  CHECK(backend.servers[3].name == "x2");
  CHECK(backend.servers[4].options.address_index == 0);
}

TEST_CASE("a backend of disabled servers loads") {
  const config::Backend backend =
      loaded(" server a 10.0.0.1:1 disabled\n server b 10.0.0.1:1 disabled enabled\n");
  CHECK(backend.servers[0].maintenance);
  CHECK_FALSE(backend.servers[1].maintenance);
}

TEST_CASE("names, sources, tracking and observing") {
  const config::Backend backend = loaded(
      " server a app.internal:1 init-addr last,libc,10.9.9.9,none resolve-prefer ipv4 source 10.1.1.1:99 "
      "track b\n"
      " server b 10.0.0.1:1 check observe layer7 error-limit 5 on-error mark-down\n server c 10.0.0.2:1 "
      "source 0.0.0.0\n");
  const config::ServerOptions& options = backend.servers[0].options;
  CHECK(options.may_lack_address);
  CHECK(options.fallbacks == std::vector<std::string>{"10.9.9.9"});
  CHECK(options.prefers_family == '4');
  CHECK(options.source == "10.1.1.1");
  CHECK(options.source_port == 99);
  CHECK(options.tracks == "app/b");
  REQUIRE(backend.servers[1].passive);
  CHECK(backend.servers[1].passive->server_errors == 5);
  CHECK(backend.servers[1].passive->then == config::Suspicion::kDown);
  CHECK(backend.servers[2].options.source.empty());
}

TEST_CASE("every option of HAProxy 2.6 is obeyed, without effect or refused with what to do") {
  // Of later versions, or with tests of their own (cookies).
  const std::set<std::string_view> not_of_26 = {"cc",
                                                "check-pool-conn-name",
                                                "check-reuse-pool",
                                                "check-sni-auto",
                                                "client-sigalgs",
                                                "cookie",
                                                "curves",
                                                "guid",
                                                "hash-key",
                                                "healthcheck",
                                                "idle-ping",
                                                "init-state",
                                                "ktls",
                                                "log-bufsize",
                                                "no-check-reuse-pool",
                                                "no-check-sni-auto",
                                                "no-renegotiate",
                                                "no-sni-auto",
                                                "non-stick",
                                                "pool-conn-name",
                                                "quic-cc-algo",
                                                "renegotiate",
                                                "set-proxy-v2-tlv-fmt",
                                                "shard",
                                                "sigalgs",
                                                "sni-auto",
                                                "strict-maxconn",
                                                "tcp-md5sig"};
  for (const Keyword& option : keywords(Vocabulary::kServer)) {
    if (not_of_26.contains(option.name)) continue;
    INFO(option.name);
    const std::string lines =
        " server a 10.0.0.1:1 " + std::string(option.name) + (option.arguments == 0 ? "\n" : " 1\n");
    for (const config::Problem& problem : translated(lines).problems) {
      INFO(problem.message);
      CHECK_FALSE(contains(problem.message, "of 'server' is not there yet"));
    }
  }
}

TEST_CASE("what would change whom a server trusts, or what it is sent, is refused") {
  CHECK(contains(problems_of(" server a 10.0.0.1:1 namespace blue\n"), "network namespaces"));
  CHECK(contains(problems_of(" server a 10.0.0.1:1 proxy-v2-options ssl,nothing\n"),
                 "'nothing': ssl, cert-cn"));
  CHECK(
      contains(problems_of(" server a 10.0.0.1 check\n"), "neither a port of its own nor one for its check"));
  CHECK(contains(problems_of(" server a 10.0.0.1:1 source 0.0.0.0 usesrc clientip\n"),
                 "'usesrc' is not there"));
}

TEST_CASE("what does nothing is told once") {
  const std::string notices = notices_of(
      " default-server maxqueue 10 tfo max-reuse 3\n"
      " server a 10.0.0.1:1\n server b 10.0.0.2:1 tfo\n");
  for (const char* name : {"maxqueue", "tfo has", "max-reuse"}) {
    INFO(name);
    CHECK(contains(notices, name));
    CHECK(notices.find(name, notices.find(name) + 1) == std::string::npos);
  }
}

TEST_CASE("what becomes of sessions, agents and names is in the model") {
  const config::Backend backend = loaded(
      " default-server on-marked-down shutdown-sessions on-marked-up shutdown-backup-sessions\n"
      " server a 10.0.0.1:80 agent-check agent-port 81 agent-addr 10.0.0.9 agent-inter 5s agent-send hi\\n "
      "slowstart 3s\n"
      " server b b.internal:80 resolvers default resolve-prefer ipv4 resolve-net 10.0.0.0/8,192.168.0.0/16 "
      "resolve-opts allow-dup-ip,ignore-weight init-addr none no-agent-check ssl verify none crl-file "
      "/x.pem\n"
      " server c _http._tcp.internal resolvers default init-addr none\n");
  const config::ServerOptions& a = backend.servers[0].options;
  CHECK(a.ends_sessions_when_down);
  CHECK(a.ends_backup_sessions_when_up);
  CHECK(a.slow_start == 3s);
  REQUIRE(a.agent);
  CHECK(*a.agent == config::AgentCheck{"10.0.0.9", 81, 5s, "hi\n"});
  const config::ServerOptions& b = backend.servers[1].options;
  CHECK_FALSE(b.agent);
  CHECK_FALSE(b.slow_start);
  CHECK(b.resolvers == "default");
  CHECK(b.prefers_family == '4');
  CHECK(b.prefers_networks == std::vector<std::string>{"10.0.0.0/8", "192.168.0.0/16"});
  CHECK(b.shares_addresses);
  CHECK(b.keeps_weight);
  REQUIRE(backend.servers[1].hop);
  CHECK(backend.servers[1].hop->tls->revoked == "/x.pem");
  CHECK(backend.servers[2].port == 0);
}

TEST_CASE("minconn is the limit where there is no other, and one that rises where there is") {
  const config::Backend backend = loaded(
      " server a 10.0.0.1:80 minconn 5\n server b 10.0.0.1:80 minconn 5 maxconn 9\n"
      " server c 10.0.0.1:80 minconn 9 maxconn 5\n server d 10.0.0.1:80 maxconn 5\n");
  const std::vector<std::pair<int, int>> expected = {{0, 5}, {5, 9}, {0, 9}, {0, 5}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(backend.servers[i].options.min_requests == expected[i].first);
    CHECK(backend.servers[i].max_requests == expected[i].second);
  }
}

TEST_CASE("servers on unix sockets and on ports that follow the client's") {
  const config::Backend backend =
      loaded(" server a /run/a.sock\n server b abns@b\n server c 10.0.0.1\n server d 10.0.0.1:-80\n");
  CHECK(backend.servers[0].host == "unix@/run/a.sock");
  CHECK(backend.servers[1].host == "abns@b");
  CHECK_FALSE(backend.servers[1].options.port_offset);
  CHECK(backend.servers[2].options.port_offset == 0);
  CHECK(backend.servers[3].options.port_offset == -80);
}

TEST_CASE("what a server is told in PROXY headers") {
  const config::Backend backend = loaded(
      " server a 10.0.0.1:80 send-proxy-v2\n server b 10.0.0.2:80 send-proxy-v2-ssl-cn\n"
      " server c 10.0.0.3:80 send-proxy-v2 proxy-v2-options crc32c,cert-key\n server d 10.0.0.4:80 "
      "send-proxy\n");
  using Additions = net::ProxyAdditions;
  CHECK(backend.proxy_additions == Additions{.alpn = true});
  CHECK(backend.servers[1].hop->proxy_additions == Additions{.tls = true, .common_name = true, .alpn = true});
  CHECK(backend.servers[2].hop->proxy_additions ==
        Additions{.tls = true, .key = true, .alpn = true, .checksum = true});
  CHECK_FALSE(backend.servers[3].hop->proxy_additions);
}

TEST_CASE("what is wrong with agents, names and sessions is told") {
  for (const auto& [line, message] : std::vector<std::pair<const char*, const char*>>{
           {"on-marked-down close", "shutdown-sessions is expected"},
           {"on-marked-up close", "shutdown-backup-sessions is expected"},
           {"agent-check", "'agent-check' needs an 'agent-port'"},
           {"resolvers other", "unable to find required resolvers 'other'"},
           {"resolve-net 10.0.0.0/99", "resolve-net '10.0.0.0/99'"},
           {"resolve-opts any", "resolve-opts 'any'"},
       }) {
    CHECK(contains(problems_of(" server a 10.0.0.1:80 " + std::string(line) + "\n"), message));
  }
}

TEST_CASE("name servers, and how they are asked") {
  const auto read = [](const std::string& lines) {
    return translate(
        read_text("resolvers r\n" + lines +
                      "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n"
                      "listen app\n bind *:8080\n server a 10.0.0.1:80 resolvers r\n",
                  "haproxy.cfg", Environment(), own_abilities("OpenSSL 3.0.0")));
  };
  const Translated result = read(
      " nameserver one 10.0.0.2:53\n nameserver two udp@[::1]:5353\n resolve_retries 2\n timeout resolve 5s\n"
      " timeout retry 250ms\n hold valid 7s\n hold nx 1s\n hold obsolete 2s\n hold refused 3s\n hold other "
      "4s\n"
      " hold timeout 6s\n accepted_payload_size 4096\n");
  for (const config::Problem& problem : result.problems) UNSCOPED_INFO(config::render(problem));
  REQUIRE(result.configuration);
  const config::Resolvers& resolvers = result.configuration->resolvers.at(0);
  CHECK(resolvers.servers == std::vector<config::NameServer>{{"one", "10.0.0.2:53"}, {"two", "[::1]:5353"}});
  CHECK(resolvers.tries == 2);
  CHECK(resolvers.interval == 5s);
  CHECK(resolvers.timeout == 250ms);
  CHECK(resolvers.payload == 4096);
  CHECK(resolvers.hold == config::ResolverHold{2s, 1s, 6s, 3s, 4s});
  for (const auto& [line, message] : std::vector<std::pair<const char*, const char*>>{
           {" nameserver one dns.internal:53\n", "is no numeric address"},
           {" nameserver one 10.0.0.2:53\n nameserver one 10.0.0.3:53\n", "there is a name server 'one'"},
           {" hold never 1s\n", "hold 'never'"},
           {" timeout ever 1s\n", "timeout 'ever'"},
           {" resolve_retries 0\n", "resolve_retries"},
           {" accepted_payload_size 5\n", "512"},
       }) {
    INFO(line);
    const Translated refused = read(line);
    CHECK_FALSE(refused.configuration);
    std::string all;
    for (const config::Problem& problem : refused.problems) all += config::render(problem);
    CHECK(contains(all, message));
  }
}

TEST_CASE("rules of checks that HAProxy would not take are refused") {
  CHECK(contains(problems_of(" option httpchk\n http-check expect\n server a 10.0.0.1:1 check\n"),
                 "does not say what is expected"));
  CHECK(contains(problems_of(" option httpchk\n http-check expect stauts 200\n server a 10.0.0.1:1 check\n"),
                 "'stauts' is not expected here"));
  CHECK(contains(problems_of(" option tcp-check\n tcp-check send-binary 5z\n server a 10.0.0.1:1 check\n"),
                 "pairs of hexadecimal"));
  CHECK(contains(problems_of(" option tcp-check\n tcp-check send-lf %[src]\n server a 10.0.0.1:1 check\n"),
                 "variables"));
  CHECK(contains(problems_of(" option external-check\n server a 10.0.0.1:1 check\n"),
                 "reseal runs no programs"));
  CHECK(contains(problems_of(" option spop-check\n server a 10.0.0.1:1 check\n"), "no SPOE agents"));
  CHECK(contains(problems_of(" option pgsql-check\n server a 10.0.0.1:1 check\n"), "needs 'user NAME'"));
}
