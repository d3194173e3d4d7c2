// What is allowed and yet deserves a word.
#include "tests/unit/config/config_test_support.h"

using namespace reseal::config;
using namespace reseal::config::testing;

TEST_CASE("warnings name what they are about and refuse nothing") {
  struct Case {
    std::string yaml;
    std::string expected;
  };
  const std::string plain = "plaintext: allowed # ";
  const std::vector<Case> cases = {
      {with("tls: { ca: ca.pem", plain),
       "f.yaml:27:7: warning: backend 'web', server 'web1': requests cross the network to 10.0.0.11:8443 in "
       "plaintext"},
      {with("tls: { ca: ca.pem", plain),
       "f.yaml:28:7: warning: backend 'web', server 'web2': requests cross the network to [2001:db8::2]:8443 "
       "in plaintext"},
      {with("verify_host: web.internal", "verify: none"),
       "f.yaml:20:10: warning: backend 'web': verify: none: anybody who can answer at the address of a "
       "server can read "
       "and change what goes to it: 'web1' (10.0.0.11:8443), 'web2' ([2001:db8::2]:8443)"},
      {with("certificate: /abs/lb.pem, key: lb.key, ", ""),
       "f.yaml:20:10: warning: backend 'web': tls without certificate: servers cannot tell that it is this "
       "load balancer"},
      {with("use: api", "use: web"), "f.yaml:29:3: warning: backend 'api' is not used by any frontend"},
      {with("tls: { certificates", "# {"),
       "f.yaml:8:12: warning: frontend 'web' serves port 443 without tls"},
      {with("redirect: https }", "default: web }"),
       "f.yaml:16:21: warning: frontend 'redirect': clients of *:80 talk plaintext HTTP"},
      {with("redirect: https }", "redirect: https, default: web }"),
       "f.yaml:16:3: warning: frontend 'redirect': redirect: https answers every request"},
      {with("    default: web",
            "      - { use: web }\n      - { when: { path: /x }, use: web }\n    default: web"),
       "f.yaml:13:9: warning: frontend 'web': this rule and those below are never reached: the one in line "
       "12 takes"},
      {with("interval: 1s", "interval: 1s, timeout: 6s"),
       "f.yaml:21:12: warning: backend 'web': a check may take longer than five intervals"},
      {with("{ api1: \"127.0.0.1:8080\" }", "{ api1: { address: \"127.0.0.1:8080\", weight: 0 } }"),
       "f.yaml:29:3: warning: backend 'api': every weight is 0"},
  };
  for (const Case& c : cases) {
    const LoadResult result = load(c.yaml);
    INFO(c.yaml);
    INFO(told(result));
    CHECK(result.configuration);
    CHECK(has("\n" + told(result), "\n" + c.expected));
  }
}

TEST_CASE("a server is on this machine, on another, or known only once its name is resolved") {
  struct Case {
    const char* address;
    bool accepted;
  };
  const Case cases[] = {{"127.0.0.1:1", true},
                        {"127.255.255.254:1", true},
                        {"\"[::1]:1\"", true},
                        {"localhost:1", true},
                        {"LocalHost:1", true},
                        {"\"[::ffff:127.0.0.1]:1\"", true},
                        {"128.0.0.1:1", false},
                        {"10.0.0.1:1", false},
                        {"\"[::2]:1\"", false},
                        {"0.0.0.0:1", false},
                        {"\"[::ffff:10.0.0.1]:1\"", false},
                        {"web1.internal:1", true}};
  for (const Case& c : cases) {
    const LoadResult result = load(std::string("frontends: { web: { bind: \"127.0.0.1:1\", default: web } }\n"
                                               "backends: { web: { servers: { s: ") +
                                   c.address + " } } }\n");
    INFO(c.address << "\n" << told(result));
    CHECK(result.configuration.has_value() == c.accepted);
    CHECK(has(told(result), "in plaintext") == !c.accepted);
  }
}

TEST_CASE("a frontend without tls is told of only where others reach it") {
  for (const char* bind : {"127.0.0.1:80", "[::1]:80"}) {
    const LoadResult result =
        load(std::string("frontends: { web: { bind: \"") + bind + "\", default: web } }\n" +
             "backends: { web: { servers: { s: \"127.0.0.1:1\" } } }\n");
    INFO(told(result));
    CHECK(result.configuration);
    CHECK(result.problems.empty());
  }
}
