// What HAProxy takes although it serves nothing, or says in words of its older versions.
#include <catch2/catch.hpp>

#include "tests/unit/haproxy/translation_test_support.h"

using namespace reseal;
using namespace reseal::haproxy;
using namespace reseal::haproxy::test;

namespace {

constexpr const char* kTimeouts =
    "defaults\n mode http\n timeout connect 5s\n timeout client 30s\n timeout server 40s\n";

std::string proxies(const std::string& text) {
  return kTimeouts + text;
}

}  // namespace

TEST_CASE("words of older versions are read as today's, and told") {
  const std::string old =
      "frontend web\n bind *:80\n clitimeout 7s\n block if { path /x }\n reqadd X-A:\\ b%c if { path /y }\n"
      " rspadd X-B:\\ d\n default_backend app\nbackend app\n contimeout 2s\n srvtimeout 3s\n redispatch\n"
      " option forceclose\n server a 10.0.0.1:80\n";
  const std::string now =
      "frontend web\n bind *:80\n timeout client 7s\n http-request deny if { path /x }\n"
      " http-request add-header X-A b%%c if { path /y }\n http-response add-header X-B d\n default_backend "
      "app\n"
      "backend app\n timeout connect 2s\n timeout server 3s\n option redispatch\n option httpclose\n"
      " server a 10.0.0.1:80\n";
  const config::Configuration before = loaded(proxies(old));
  const config::Configuration after = loaded(proxies(now));
  CHECK(before.frontends[0].timeouts.request_body == after.frontends[0].timeouts.request_body);
  CHECK(before.backends[0].timeouts == after.backends[0].timeouts);
  CHECK(before.backends[0].retry.redispatch == after.backends[0].retry.redispatch);
  const auto words = [](const std::vector<config::RuleLine>& lines) {
    std::vector<std::vector<std::string>> all;
    for (const config::RuleLine& line : lines) all.push_back(line.words);
    return all;
  };
  CHECK(words(before.frontends[0].rule_lines.http_request) ==
        words(after.frontends[0].rule_lines.http_request));
  CHECK(words(before.frontends[0].rule_lines.http_response) ==
        words(after.frontends[0].rule_lines.http_response));
  CHECK(contains(notices_of(proxies(old)),
                 "8 'clitimeout' is a word of older versions, and read as 'timeout client'"));
}

TEST_CASE("words that do nothing any more are notices") {
  const std::string text =
      "global\n nbproc 4\n grace 5s\n cpu-map 1 0\n tune.bufsize 16384\n maxconnrate 5\n" +
      site(" option http-use-htx\n", "");
  const std::string notices = notices_of(text);
  for (const char* word : {"nbproc", "grace", "cpu-map", "tune.bufsize", "maxconnrate"}) {
    INFO(word);
    CHECK(contains(notices, "'" + std::string(word) + "' has no effect: "));
  }
  loaded(text);
}

TEST_CASE("a proxy that listens nowhere, leads nowhere or has no servers is valid") {
  const config::Configuration configuration =
      loaded(proxies("frontend nowhere\n bind *:81\nfrontend silent\n default_backend empty\nbackend empty\n"
                     "listen as_backend\n server a 10.0.0.1:80\nfrontend web\n bind *:80\n use_backend empty "
                     "if { path /e }\n"
                     " default_backend as_backend\n"));
  REQUIRE(configuration.frontends.size() == 2);
  CHECK(configuration.frontends[0].name == "nowhere");
  CHECK(configuration.frontends[1].name == "web");
  REQUIRE(configuration.backends.size() == 2);
  CHECK(configuration.backends[0].servers.empty());
  CHECK(configuration.backends[1].name == "as_backend");
  CHECK(loaded("global\n maxconn 5\n").frontends.empty());
}

TEST_CASE("a proxy that is disabled neither listens nor serves") {
  const config::Configuration configuration =
      loaded(proxies("frontend off\n bind *:81\n disabled\nfrontend web\n bind *:80\n default_backend app\n"
                     "backend app\n disabled\n server a 10.0.0.1:80\n"));
  REQUIRE(configuration.frontends.size() == 1);
  CHECK(configuration.backends[0].servers.empty());
}

TEST_CASE("what is said of all servers holds for those that do not say it themselves") {
  const config::Configuration configuration =
      loaded("global\n ssl-server-verify none\n" +
             site("", " source 10.0.0.9\n server c 10.0.0.3:443 ssl source 10.0.0.8\n"));
  const auto& servers = configuration.backends[0].servers;
  REQUIRE(servers.size() == 3);
  CHECK(servers[0].options.source == "10.0.0.8");
  CHECK(servers[1].options.source == "10.0.0.9");
}

TEST_CASE("what is refused on purpose says what to do instead") {
  CHECK(
      contains(problems_of("global\n lua-load x.lua\n" + site("", "")), "reseal runs no Lua: say by rules"));
  CHECK(contains(problems_of(site(" http-request lua.x\n", "")), "reseal runs no Lua"));
  CHECK(contains(problems_of(site("", " use-fcgi-app php\n")), "reseal speaks no FastCGI"));
  CHECK(contains(problems_of("ring r\n" + site("", "")), "'ring': log targets are UDP"));
  CHECK(contains(problems_of("program p\n command x\n" + site("", "")), "reseal starts no programs"));
}
