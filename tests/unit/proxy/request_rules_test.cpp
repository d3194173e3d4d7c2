#include "lb/proxy/request_rules.h"

#include <catch2/catch.hpp>

using namespace reseal;
using namespace reseal::proxy;

namespace {

rules::TextTemplate text(const char* written) {
  return rules::TextTemplate::parse(written).value();
}

/// A frontend with one rule that takes every request, and one request through it.
struct Run {
  explicit Run(const char* target, const char* host = "a.example:8443") : head(pool) {
    head.method_text = "GET";
    head.target = target;
    head.authority = host;
    client.address = "192.0.2.1";
    client.source = &address;
    client.secure = true;
    frontend.name = "web";
    frontend.set_forwarding_fields = false;
  }

  /// Judged and made ready for the server.
  Result<void> with(rules::Rule rule) {
    frontend.router = Router({std::move(rule)}, 0);
    RequestIds ids(1);
    const auto judged = request.judge(frontend, client, ids, head, {table, random});
    return judged ? request.prepare_request(frontend, client, "app", head) : judged;
  }

  BufferPool pool;
  http::RequestHead head;
  Frontend frontend;
  net::Address address = *net::Address::parse("192.0.2.1", 1);
  ClientFacts client;
  RoutingTable table;
  Random random{1};
  RequestRules request;
};

}  // namespace

TEST_CASE("the server gets the normal form of the path, or what was sent") {
  Run normal("//x/%2e%2e/%61?q=%2F");
  REQUIRE(normal.with({}));
  CHECK(normal.head.target == "/a?q=%2F");
  Run received("//x/%2e%2e/%61?q=%2F");
  received.frontend.sends_path_as_received = true;
  REQUIRE(received.with({}));
  CHECK(received.head.target == "//x/%2e%2e/%61?q=%2F");
  CHECK_FALSE(Run("/..").with({}));
  Run kept("/a%2Fb");
  kept.frontend.path.keep_encoded_slash = true;
  CHECK(kept.with({}));
}

TEST_CASE("a rewrite changes host and path, and leaves the query") {
  struct Case {
    const char* target;
    rules::Rewrite rewrite;
    const char* sent;
    const char* host;
  };
  for (const Case& c : {
           Case{"/api/x?q", {{}, {}, "/api", {}}, "/x?q", "a.example:8443"},
           {"/api?q", {{}, {}, "/api", {}}, "/?q", "a.example:8443"},
           {"/other?q", {{}, {}, "/api", {}}, "/other?q", "a.example:8443"},
           {"/x", {{}, {}, {}, text("/v2")}, "/v2/x", "a.example:8443"},
           {"/api/x", {{}, {}, "/api", text("/v2")}, "/v2/x", "a.example:8443"},
           {"/x?q", {{}, text("/{host}{path}"), {}, {}}, "/a.example/x?q", "a.example:8443"},
           {"/x", {text("app.internal:81"), {}, {}, {}}, "/x", "app.internal:81"},
           {"/x", {text("{host}.internal"), {}, {}, {}}, "/x", "a.example.internal"},
           {"*", {{}, text("/x"), {}, text("/y")}, "*", "a.example:8443"},
       }) {
    INFO(c.target);
    Run run(c.target);
    rules::Rule rule;
    rule.rewrite = c.rewrite;
    REQUIRE(run.with(rule));
    CHECK(run.head.target == c.sent);
    CHECK(run.head.authority == c.host);
  }
}

TEST_CASE("a request whose host cannot be rewritten as a rule says is refused, not sent with its own") {
  for (const auto& [written, host] : {std::pair{"{path}", "a.example"}, {"{host}.internal", "[::1]:80"}}) {
    INFO(written);
    Run run("/x", host);
    rules::Rule rule;
    rule.rewrite = rules::Rewrite{text(written), {}, {}, {}};
    const auto refused = run.with(rule);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::kBadRequest);
  }
}

TEST_CASE("texts tell of the request as it came, and of the backend") {
  Run run("/x?q");
  rules::Rule rule;
  rule.rewrite = rules::Rewrite{text("other"), text("/y"), {}, {}};
  rule.request_edits.emplace_back(rules::HeaderEdit::Kind::kSet, "X-From",
                                  text("{scheme}://{authority}{path}{query} {frontend}>{backend}"));
  REQUIRE(run.with(rule));
  CHECK(run.head.fields.back().value == "https://a.example:8443/x?q web>app");
}

void check_denied(const std::string& rule_host, const char* host) {
  INFO(host);
  Run run("/", host);
  rules::Rule rule;
  rule.when.all.hosts = {rule_host};
  rule.deny = 403;
  REQUIRE(run.with(rule));
  CHECK(run.request.decision().outcome == Decision::Outcome::kDeny);
}

TEST_CASE("a host is compared without port and without the dot of the root") {
  for (const char* host : {"a.example", "a.example:80", "A.EXAMPLE.", "a.example.:80"}) {
    check_denied("a.example", host);
  }
}

TEST_CASE("a host is compared as an address when it is one, however it is written") {
  for (const char* host :
       {"[2001:db8::1]", "[2001:DB8:0:0::1]:80", "[2001:0db8:0000:0000:0000:0000:0000:0001]"}) {
    check_denied("[2001:db8::1]", host);
  }
}

TEST_CASE("conditions do not see what an untrusted client must not say") {
  for (const bool trusted : {false, true}) {
    Run run("/");
    run.client.trusted = trusted;
    run.head.add(http::FieldName::kXRealIp, "X-Real-IP", "10.0.0.1");
    rules::Rule rule;
    rule.when.all.headers = {{{"X-Real-IP"}, {"10.0.0.1"}}};
    rule.deny = 403;
    REQUIRE(run.with(rule));
    CHECK((run.request.decision().outcome == Decision::Outcome::kDeny) == trusted);
  }
}

TEST_CASE("a rule may still ask for what concerns one connection only") {
  Run run("/");
  run.head.add(http::FieldName::kUpgrade, "Upgrade", "websocket");
  rules::Rule rule;
  rule.when.all.headers = {{{"Upgrade"}, {"websocket"}}};
  rule.deny = 403;
  REQUIRE(run.with(rule));
  CHECK(run.request.decision().outcome == Decision::Outcome::kDeny);
  CHECK(run.head.fields.front().drop);
}

TEST_CASE("limits and times are the rule's, the frontend's, the backend's") {
  Run plain("/");
  REQUIRE(plain.with({}));
  CHECK(plain.request.allows_body(UINT64_MAX));
  CHECK(plain.request.response_timeout(Duration(5)) == Duration(5));
  Run limited("/");
  limited.frontend.max_body_bytes = 10;
  REQUIRE(limited.with({}));
  CHECK(limited.request.allows_body(10));
  CHECK_FALSE(limited.request.allows_body(11));
  Run by_rule("/");
  by_rule.frontend.max_body_bytes = 10;
  rules::Rule rule;
  rule.max_body_bytes = 20;
  rule.response_timeout = Duration(7);
  rule.idle_timeout = Duration(8);
  REQUIRE(by_rule.with(rule));
  CHECK(by_rule.request.allows_body(20));
  CHECK_FALSE(by_rule.request.allows_body(21));
  CHECK(by_rule.request.response_timeout(Duration(5)) == Duration(7));
  CHECK(by_rule.request.idle_timeout(Duration(5)) == Duration(8));
}

TEST_CASE("a request forgotten leaves nothing for the next") {
  Run run("/");
  rules::Rule rule;
  rule.deny = 403;
  rule.max_body_bytes = 1;
  rule.response_edits.emplace_back(rules::HeaderEdit::Kind::kAdd, "A", text("b"));
  REQUIRE(run.with(rule));
  run.request.reset();
  CHECK(run.request.decision().outcome == Decision::Outcome::kNoRoute);
  http::ResponseHead response(run.pool);
  run.request.prepare_response(response);
  CHECK(response.fields.empty());
}

TEST_CASE("a page is found by its status, then by its class") {
  const auto page = [](const char* body) {
    return std::make_shared<const rules::StaticBody>(rules::StaticBody{"text/html", body});
  };
  ErrorPages pages;
  pages.add(5, page("5xx"));
  pages.add(503, page("503"));
  CHECK(pages.find(503)->text == "503");
  CHECK(pages.find(502)->text == "5xx");
  CHECK(pages.find(404) == nullptr);
}
