// Rules and what else a frontend makes of requests: read exactly, and told in words where they are wrong.
#include "tests/unit/config/config_test_support.h"

using namespace reseal::config;
using namespace reseal::config::testing;
using namespace std::chrono_literals;

namespace {

/// A configuration whose one frontend has these lines; they begin in line 4.
std::string frontend_with(const std::string& lines) {
  return "backends: { web: { servers: { a: \"127.0.0.1:1\" } } }\nfrontends:\n  web:\n" + lines +
         "    bind: \"127.0.0.1:2\"\n    default: web\n";
}

std::string rule(const std::string& text) {
  return frontend_with("    rules:\n      - " + text + "\n");
}

Frontend read(const std::string& yaml) {
  const LoadResult result = load(yaml);
  INFO(yaml << told(result));
  REQUIRE(result.configuration);
  CHECK(result.problems.empty());
  return result.configuration->frontends[0];
}

Rule read_rule(const std::string& text) {
  const Frontend frontend = read(rule(text));
  REQUIRE(frontend.rules.size() == 1);
  return frontend.rules[0];
}

}  // namespace

TEST_CASE("conditions are single values, lists and maps, and the same under not") {
  const Rule read = read_rule(
      "{ when: { host: [A.example., \"*.B.example\"], path: /a, path_prefix: [/b, /c], method: [GET, HEAD], "
      "header: { X-A: 1, X-B: [2, 3] }, address: 10.0.0.0/8, not: { header: [X-C, X-D], method: POST } }, "
      "use: web }");
  Matches all;
  all.hosts = {"a.example", "*.b.example"};
  all.paths = {"/a"};
  all.path_prefixes = {"/b", "/c"};
  all.methods = {"GET", "HEAD"};
  all.headers = {{{"X-A"}, {"1"}}, {{"X-B"}, {"2", "3"}}};
  all.addresses = {"10.0.0.0/8"};
  CHECK(read.when.all == all);
  Matches none;
  none.headers = {{{"X-C", "X-D"}, {}}};
  none.methods = {"POST"};
  CHECK(read.when.none == none);
}

TEST_CASE("actions are read") {
  CHECK(read_rule("{ deny: true }").deny == 403);
  CHECK(read_rule("{ deny: 451 }").deny == 451);
  CHECK(read_rule("{ allow: true }").allow);
  CHECK(read_rule("{ redirect: https }").redirect == Redirect{"", "https", "", "", 308});
  CHECK(read_rule("{ redirect: { to: \"/x{query}\", status: 302 } }").redirect ==
        Redirect{"/x{query}", "", "", "", 302});
  CHECK(read_rule("{ rewrite: { host: a, strip_prefix: /b, add_prefix: /c } }").rewrite ==
        Rewrite{"a", "", "/b", "/c"});
  const Rule reply = read_rule("{ reply: { status: 503, file: p.html, headers: { A: b } } }");
  REQUIRE(reply.reply);
  CHECK(reply.reply->file == "/etc/reseal/p.html");
  CHECK(reply.reply->fields == std::vector<HeaderEdit>{{HeaderEditKind::kSet, "A", "b"}});
  const Rule changes = read_rule(
      "{ set_request_header: { A: \"{host}\" }, add_request_header: { B: c }, remove_request_header: D, "
      "set_response_header: { E: f }, add_response_header: { G: h }, remove_response_header: [I, J], "
      "timeouts: { response: 2s, idle: 3s }, max_body_size: 3GiB }");
  CHECK(changes.request_edits == std::vector<HeaderEdit>{{HeaderEditKind::kSet, "A", "{host}"},
                                                         {HeaderEditKind::kAdd, "B", "c"},
                                                         {HeaderEditKind::kRemove, "D", ""}});
  CHECK(changes.response_edits == std::vector<HeaderEdit>{{HeaderEditKind::kSet, "E", "f"},
                                                          {HeaderEditKind::kAdd, "G", "h"},
                                                          {HeaderEditKind::kRemove, "I", ""},
                                                          {HeaderEditKind::kRemove, "J", ""}});
  CHECK(changes.response_timeout == reseal::Duration(2s));
  CHECK(changes.idle_timeout == reseal::Duration(3s));
  CHECK(changes.max_body_size == std::uint64_t{3} << 30);
}

TEST_CASE("path, fields, id, pages and body limit of a frontend are read") {
  const Frontend frontend = read(frontend_with(
      "    path: { send: as_received, encoded_slash: keep, backslash: keep }\n    underscore_fields: refuse\n"
      "    request_id: { field: X-Id, accept: any, respond: true }\n    error_pages: { 404: a.html, 5xx: "
      "b.html }\n"
      "    max_body_size: 1\n"));
  CHECK(frontend.path == PathPolicy{SentPath::kAsReceived, OddPath::kKeep, OddPath::kKeep});
  CHECK(frontend.underscore_fields == UnderscoreFields::kRefuse);
  CHECK(frontend.request_id == RequestId{"X-Id", AcceptedIds::kAny, true});
  REQUIRE(frontend.error_pages.size() == 2);
  CHECK(frontend.error_pages[0] == ErrorPage{404, "/etc/reseal/a.html", false, {7, 25}});
  CHECK(frontend.error_pages[1] == ErrorPage{5, "/etc/reseal/b.html", false, {7, 38}});
  CHECK(frontend.max_body_size == 1U);
  CHECK(read(frontend_with("    request_id: X-Id\n")).request_id ==
        RequestId{"X-Id", AcceptedIds::kTrusted, false});
}

TEST_CASE("mistakes in rules are told with their place and what to write") {
  struct Mistake {
    const char* rule;
    const char* column;
    const char* words;
  };
  for (const Mistake& mistake : {
           Mistake{"{}", "9", "the rule does nothing; it needs at least one of use, deny,"},
           {"{ when: { host: a } }", "9", "the rule does nothing"},
           {"{ use: web, deny: 403 }", "9", "the rule has use and deny; one of them can decide"},
           {"{ allow: true, deny: 403 }", "9", "allows and denies the same"},
           {"{ allow: false }", "18", "allow is 'false' (accepted: true)"},
           {"{ deny: 200 }", "17", "a number from 400 to 599, or true (403)"},
           {"{ denny: true }", "11", "did you mean 'deny'?"},
           {"{ when: { hots: a }, deny: true }", "19", "did you mean 'host'?"},
           {"{ when: { not: { not: { host: a } } }, deny: true }", "26", "unknown key 'not' in not"},
           {"{ when: { host: a/b, not: x }, deny: true }", "35", "not is 'x'; accepted: a map"},
           {"{ when: { host: a/b }, deny: true }", "25", "a host without port"},
           {"{ when: { host: \"a:80\" }, deny: true }", "25", "a host without port"},
           {"{ when: { host: \"*\" }, deny: true }", "25", "a host without port"},
           {"{ when: { host: \"[::1]:80\" }, deny: true }", "25", "a host without port"},
           {"{ when: { host: a..b }, deny: true }", "25", "a host without port"},
           {"{ when: { path: \"/a?b\" }, deny: true }", "25", "write it without '?' and '#'"},
           {"{ when: { path: /a;b }, deny: true }", "25", "write it without ';'"},
           {"{ when: { path_prefix: /%zz }, deny: true }", "32", "a '%' in the path that begins no escape"},
           {"{ when: { path_prefix: /../x }, deny: true }", "32", "leads above the root"},
           {"{ when: { header: Host }, deny: true }", "27", "asked for by host:"},
           {"{ when: { header: { HOST: a } }, deny: true }", "29", "asked for by host:"},
           {"{ when: { header: \"a b\" }, deny: true }", "27",
            "header has 'a b'; accepted: the name of a field"},
           {"{ when: { header: { A: [] } }, deny: true }", "32", "header is a list"},
           {"{ when: { address: 10.0.0.0/33 }, deny: true }", "28", "address has '10.0.0.0/33'"},
           {"{ when: { alpn: \"\" }, use: web }", "25", "alpn is ''; accepted: the name of a protocol"},
           {"{ when: { alpn: [] }, use: web }", "25", "alpn is"},
           {"{ when: { alpn: { h2: 1 } }, use: web }", "25", "alpn is a map"},
           {"{ when: { alpn: \"h 2\" }, use: web }", "25", "alpn is 'h 2'"},
           {"{ when: { alpn: [h2, HTTP/2] }, use: web }", "30", "alpn is 'HTTP/2'; HTTP/2 over TLS is 'h2'"},
           {"{ when: { alnp: h2 }, use: web }", "19", "did you mean 'alpn'?"},
           {"{ redirect: { status: 301 } }", "21", "redirect says not where to"},
           {"{ redirect: { to: /x, host: a } }", "21", "`to` is the whole"},
           {"{ redirect: { to: x } }", "27", "to is 'x'; accepted: a URL (https://...) or a path"},
           {"{ redirect: { to: //x } }", "27", "to is '//x'"},
           {"{ redirect: { to: \"javascript:x\" } }", "27", "to is 'javascript:x'"},
           {"{ redirect: { to: \"/{pth}\" } }", "27", "no variable {pth}"},
           {"{ redirect: { path: x } }", "29", "begins with '/' or {path}"},
           {"{ redirect: { path: \"/x?y\" } }", "29", "without '?' and '#'"},
           {"{ redirect: { scheme: ftp } }", "31",
            "scheme is 'ftp'; did you mean 'http'? (accepted: http or https)"},
           {"{ redirect: { host: a, status: 300 } }", "40", "(accepted: 301, 302, 303, 307 or 308)"},
           {"{ redirect: { host: \"{host}{host}{host}{host}{host}{host}{host}\", path: \"{path}{path}\" } }",
            "21", "host and path together are more than 8 variables"},
           {"{ redirect: http }", "21", "redirect is 'http'"},
           {"{ reply: { body: a, file: b } }", "18", "a body and a file"},
           {"{ reply: { status: 204, body: a } }", "18", "a response with status 204 has no body"},
           {"{ reply: { status: 101 } }", "28", "a number from 200 to 599"},
           {"{ rewrite: { path: /a, strip_prefix: /b } }", "20", "`path` is the whole path"},
           {"{ rewrite: { add_prefix: /a/ } }", "34", "add_prefix ends with '/'"},
           {"{ rewrite: { host: \"a b\" } }", "28", "host is 'a b'; accepted: visible ASCII"},
           {"{ set_request_header: { Host: a } }", "33", "rewrite: { host: ... }"},
           {"{ set_request_header: { content-length: 1 } }", "33", "says where a message ends"},
           {"{ remove_response_header: [Server, Connection] }", "44", "about one connection"},
           {"{ set_response_header: { \"A B\": x } }", "34", "'A B'; accepted: the name of a field"},
           {"{ set_response_header: { A: \"x\\ny\" } }", "37", "control character"},
           {"{ set_response_header: { A: \"{x}\" } }", "37",
            "no variable {x} (accepted: {host}, {authority}"},
           {"{ set_response_header: [A] }", "32", "accepted: a map"},
           {"{ max_body_size: 2TB }", "26", "max_body_size is '2TB'"},
           {"{ timeouts: { tunnel: 1s } }", "23", "(accepted here: response or idle)"},
       }) {
    const std::string yaml = rule(mistake.rule);
    const LoadResult result = load(yaml);
    INFO(yaml << told(result));
    CHECK_FALSE(result.configuration);
    CHECK(has(told(result), std::string("f.yaml:5:") + mistake.column + ": error: "));
    CHECK(has(told(result), mistake.words));
  }
}

TEST_CASE("mistakes in what a frontend makes of requests are told") {
  for (const auto& [lines, words] : std::vector<std::pair<std::string, const char*>>{
           {"    path: { send: raw }\n", "send is 'raw' (accepted: normalized or as_received)"},
           {"    path: { encoded_slash: drop }\n", "(accepted: refuse or keep)"},
           {"    underscore_fields: no\n", "(accepted: drop, keep or refuse)"},
           {"    request_id: \"X Id\"\n", "request_id is 'X Id'"},
           {"    request_id: Host\n", "request_id has 'Host', which cannot be changed"},
           {"    request_id: { accept: any }\n", "does not say which field"},
           {"    error_pages: { 200: a }\n",
            "error_pages has '200'; accepted: a status from 400 to 599, 4xx or 5xx"},
           {"    error_pages: { 3xx: a }\n", "error_pages has '3xx'"},
           {"    error_pages: a\n", "error_pages is 'a'; accepted: a map"},
           {"    max_body_size: 0\n", "max_body_size is '0'; accepted: a size from 1 to"},
           {"    rules:\n      - { when: { method: get }, deny: true }\n",
            "method is 'get'; did you mean 'GET'?"},
           {"    mode: tcp\n    max_body_size: 1\n", "in mode: tcp no HTTP is read; take out max_body_size"},
           {"    mode: tcp\n    h2c: allowed\n    cause_header: X-Cause\n    limits: { fields: 7 }\n",
            "take out h2c, cause_header, limits.fields"},
           {"    mode: tcp\n    trusted_proxies: [10.0.0.0/8]\n    connect: allowed\n    forwarded: off\n",
            "take out forwarded, trusted_proxies, connect"},
           {"    mode: tcp\n    rules:\n      - { when: { path: /a }, use: web }\n",
            "can only ask for the address of the client and the host"},
           {"    mode: tcp\n    rules:\n      - { redirect: https }\n", "and use, deny or allow"},
           {"    mode: tcp\n    rules:\n      - { when: { alpn: h2 }, use: web }\n",
            "it needs mode: tcp and tls: passthrough"},
           {"    rules:\n      - { when: { not: { alpn: h2 } }, use: web }\n",
            "alpn is asked of TLS that is passed on unopened"},
           {"    mode: tcp\n    rules:\n      - { when: { not: { host: a } }, use: web }\n",
            "without tls there is no host"},
       }) {
    const LoadResult result = load(frontend_with(lines));
    INFO(lines << told(result));
    CHECK_FALSE(result.configuration);
    CHECK(has(told(result), words));
  }
}

TEST_CASE("a rule that can never be reached is warned of, one behind a rule that goes on is not") {
  const auto rules = [](const std::string& first) {
    return load(frontend_with("    rules:\n      - " + first + "\n      - { deny: true }\n"));
  };
  CHECK(has(told(rules("{ use: web }")), "never reached"));
  CHECK(has(told(rules("{ when: { path_prefix: [/x, /] }, deny: true }")), "never reached"));
  CHECK(rules("{ allow: true }").problems.empty());
  CHECK(rules("{ set_response_header: { A: b } }").problems.empty());
  CHECK(rules("{ when: { not: { method: GET } }, use: web }").problems.empty());
}

TEST_CASE("a frontend whose rules decide nothing leads nowhere without a default") {
  std::string yaml = rule("{ set_response_header: { A: b } }");
  yaml.erase(yaml.find("    default: web\n"));
  CHECK(has(told(load(yaml)), "leads nowhere"));
}

TEST_CASE("rules of passed-on TLS ask for protocols, and slips in their names are told") {
  const auto passthrough = [](const std::string& alpn) {
    return load(
        "frontends:\n  web: { bind: 127.0.0.1:1, mode: tcp, tls: passthrough, default: web, rules: [{ when: "
        "{ alpn: " +
        alpn + " }, use: web }] }\nbackends:\n  web: { tls: passthrough, servers: { a: 127.0.0.1:2 } }\n");
  };
  const LoadResult result = passthrough("[acme-tls/1, h2, our.own]");
  INFO(told(result));
  REQUIRE(result.configuration);
  CHECK(result.problems.empty());
  CHECK(result.configuration->frontends[0].rules[0].when.all.protocols ==
        std::vector<std::string>{"acme-tls/1", "h2", "our.own"});
  CHECK(
      has(told(passthrough("H2")), "warning: alpn has 'H2', compared as it is written; did you mean 'h2'?"));
  CHECK(has(told(passthrough("acme-tls1")), "did you mean 'acme-tls/1'?"));
  CHECK(passthrough(std::string(255, 'x')).configuration);
  CHECK(has(told(passthrough(std::string(256, 'x'))), "alpn has a name of 256 bytes; accepted: at most 255"));
}
