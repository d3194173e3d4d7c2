// `stats socket` and `stats uri` and what belongs to them, from the text to the model.
#include <unistd.h>
#include <catch2/catch.hpp>

#include "lb/haproxy/translation.h"

using namespace reseal;
using namespace reseal::haproxy;
using namespace std::chrono_literals;

namespace {

Translated translated(const std::string& global, const std::string& proxy) {
  return translate(
      read_text("global\n" + global +
                    "defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n"
                    "listen web\n bind *:8080\n server a 10.0.0.1:80\n" +
                    proxy,
                "haproxy.cfg", Environment(), own_abilities("OpenSSL 3.0.0")));
}

config::Configuration loaded(const std::string& global, const std::string& proxy = "") {
  const Translated result = translated(global, proxy);
  for (const config::Problem& problem : result.problems) UNSCOPED_INFO(config::render(problem));
  REQUIRE(result.configuration);
  return *result.configuration;
}

std::string problems(const std::string& global, const std::string& proxy = "") {
  const Translated result = translated(global, proxy);
  CHECK_FALSE(result.configuration);
  std::string all;
  for (const config::Problem& problem : result.problems) all += problem.message + "\n";
  return all;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("stats socket: addresses and options") {
  const auto sockets =
      loaded(
          " stats socket /run/a.sock mode 660 level admin expose-fd listeners\n stats socket "
          "unix@/run/b.sock\n"
          " stats socket abns@name level user\n stats socket ipv4@127.0.0.1:9999,[::1]:9998 uid 1 gid 2\n"
          " stats socket *:9997 user root group root\n")
          .runtime_api.sockets;
  REQUIRE(sockets.size() == 6);
  CHECK(sockets[0].text() == "unix@/run/a.sock");
  CHECK(sockets[0].bind.socket.mode == 0660);
  CHECK(sockets[0].level == config::AccessLevel::kAdmin);
  CHECK(sockets[1].bind.host == "/run/b.sock");
  CHECK(sockets[1].level == config::AccessLevel::kOperator);
  CHECK_FALSE(sockets[1].bind.socket.mode);
  CHECK(sockets[2].text() == "abns@name");
  CHECK(sockets[2].level == config::AccessLevel::kUser);
  CHECK(sockets[3].text() == "ipv4@127.0.0.1:9999");
  CHECK(sockets[4].text() == "ipv6@[::1]:9998");
  CHECK(sockets[4].bind.socket.user == 1);
  CHECK(sockets[4].bind.socket.group == 2);
  CHECK(sockets[5].bind.socket.user == 0);
}

TEST_CASE("stats timeout and maxconn") {
  CHECK(loaded("").runtime_api.timeout == 10s);
  CHECK(loaded("").runtime_api.max_connections == 10);
  const auto api = loaded(" stats timeout 2m\n stats maxconn 7\n").runtime_api;
  CHECK(api.timeout == 2min);
  CHECK(api.max_connections == 7);
}

TEST_CASE("what is wrong with a stats line of global is told") {
  CHECK(contains(problems(" stats socket\n"), "an address or the path"));
  CHECK(contains(problems(" stats socket /a mode 8\n"), "'8' is no mode"));
  CHECK(contains(problems(" stats socket /a mode 66666666\n"), "is no mode"));
  CHECK(contains(problems(" stats socket /a level root\n"), "user, operator and admin are"));
  CHECK(contains(problems(" stats socket /a user no-such-user\n"), "there is no user 'no-such-user'"));
  CHECK(contains(problems(" stats socket /a group no-such-group\n"), "there is no group"));
  CHECK(contains(problems(" stats socket /a uid x\n"), "a whole number"));
  CHECK(contains(problems(" stats socket /a levle admin\n"), "knows no 'levle'"));
  CHECK(contains(problems(" stats socket 99\n"), "has no port"));
  CHECK(contains(problems(" stats socket /a expose-fd all\n"), "listeners can"));
  CHECK(contains(problems(" stats timeout 0\n"), "would serve nobody"));
  CHECK(contains(problems(" stats maxconn 0\n"), "from 1"));
}

TEST_CASE("the page of statistics of a proxy") {
  const auto configuration = loaded(
      "",
      " stats enable\n stats uri /s\n stats realm A\\ B\n stats auth a:b:c\n stats auth d\n stats refresh 5\n"
      " stats scope .\n stats scope web\n stats hide-version\n stats show-legends\n stats show-modules\n"
      " stats show-node\n stats show-desc two words\n stats admin if TRUE\n");
  const auto& page = configuration.frontends.at(0).stats_page;
  REQUIRE(page);
  CHECK(page == configuration.backends.at(0).stats_page);
  CHECK(page->uri == "/s");
  CHECK(page->realm == "A B");
  CHECK(page->users == decltype(page->users){{"a", "b:c"}, {"d", ""}});
  CHECK(page->refresh == 5s);
  CHECK(page->scopes == std::vector<std::string>{".", "web"});
  CHECK(page->hides_version);
  CHECK(page->shows_legends);
  CHECK(page->node == "");
  CHECK(page->description == "two words");
  CHECK_FALSE(loaded("").frontends.at(0).stats_page);
}

TEST_CASE("what is wrong with a stats line of a proxy is told") {
  CHECK(contains(problems("", " stats uri\n"), "what the targets begin with"));
  CHECK(contains(problems("", " stats refresh x\n"), "is no time"));
  CHECK(contains(problems("", " stats admin\n"), "if or unless"));
  CHECK(contains(problems("", " stats admin TRUE\n"), "if or unless"));
  CHECK(contains(problems("", " stats http-request\n"), "allow, deny or auth"));
  CHECK(contains(problems("", " stats http-request tarpit\n"), "allow, deny and auth are there"));
}

TEST_CASE("proxies are numbered as HAProxy numbers them") {
  const auto numbers = [](const std::string& global, const std::string& first, const std::string& second) {
    const Translated result = translate(
        read_text("global\n" + global +
                      "defaults\n mode http\n timeout connect 5s\n timeout client 5s\n timeout server 5s\n"
                      "listen one\n bind *:8080\n server a 10.0.0.1:80 id 5\n" +
                      first + "backend two\n server a 10.0.0.2:80\n" + second,
                  "haproxy.cfg", Environment(), own_abilities("OpenSSL 3.0.0")));
    std::vector<int> all;
    if (!result.configuration) return all;
    all.push_back(result.configuration->frontends[0].number);
    for (const auto& backend : result.configuration->backends) all.push_back(backend.number);
    all.push_back(result.configuration->backends[0].servers[0].id);
    return all;
  };
  CHECK(numbers("", "", "") == std::vector<int>{1, 1, 2, 5});
  CHECK(numbers(" stats socket /run/a.sock\n", "", "") == std::vector<int>{2, 2, 3, 5});
  CHECK(numbers("", " id 7\n", "") == std::vector<int>{7, 7, 1, 5});
  CHECK(numbers("", "", " id 1\n") == std::vector<int>{2, 2, 1, 5});
  CHECK(numbers("", " id 7\n", " id 7\n").empty());
}
